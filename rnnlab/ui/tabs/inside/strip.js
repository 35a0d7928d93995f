// @ts-check
// The text of the tab, a node per character or word, with a cursor and a selection. A section colours it by `paint`,
// and listens to it by `listen`. ← and → move the cursor, with Shift they select. Surgery has another one for its song.

import { make } from "../../frontend/lib/page.js";
import { languageOfScript, visible } from "../../frontend/lib/text.js";

/** @typedef {{ cursor?: (place: number) => void, selection?: (first: number, last: number) => void, key?: (event: KeyboardEvent) => void }} Listener */

const MAX_SHORT_LINE = 40; // characters: longer lines do not stand in columns
const STEPS = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 });

export class Strip {
  /** @param {HTMLElement} element @param {{ selects?: boolean }} [how] */
  constructor(element, { selects = true } = {}) {
    this.element = element;
    this.selects = selects;
    this.least = 0; // the first place of the cursor
    /** @type {HTMLElement[]} */
    this.nodes = [];
    /** @type {readonly string[]} */
    this.pieces = [];
    this.cursor = 0;
    this.anchor = 0; // where the selection began
    this.first = 0; // of the selection; it has one character at least
    this.last = 0;
    /** @type {Set<Listener>} */
    this.listeners = new Set();
    let dragging = false;
    element.addEventListener("pointerdown", (event) => {
      const place = this.placeOf(event.target);
      if (place < 0 || event.button) return;
      dragging = true;
      this.go(place, event.shiftKey);
    });
    element.addEventListener("pointermove", (event) => {
      const place = dragging ? this.placeOf(document.elementFromPoint(event.clientX, event.clientY)) : -1;
      if (place >= 0 && place !== this.cursor) this.go(place, true);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) addEventListener(end, () => { dragging = false; });
    element.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** Call the functions of `listener` when the cursor or the selection has changed. @param {Listener} listener */
  listen(listener) {
    this.listeners.add(listener);
  }

  /** Show another text; the cursor stays where the text is the same. @param {readonly string[]} pieces @param {number} [least] */
  draw(pieces, least = 0) {
    const same = pieces.length === this.pieces.length && pieces.every((piece, i) => piece === this.pieces[i]);
    if (same) return;
    this.pieces = pieces;
    this.least = least;
    const { nodes, lines } = setInLines(pieces);
    this.nodes = nodes;
    nodes.forEach((node, i) => { node.dataset.place = `${i}`; });
    this.element.classList.toggle("long", lines.length < 4 || lines.some((line) => line.textContent.length > MAX_SHORT_LINE));
    this.element.lang = languageOfScript(pieces.join(""));
    this.element.replaceChildren(make("div", "text", ...lines)); // columns of a fixed height would run away sideways
    this.element.scrollTop = 0;
    this.cursor = this.anchor = this.first = this.last = -1;
    this.go(0);
  }

  /**
   * Colour the characters: by a value from −1 to 1, "signed" about 0, or from 0 to 1, "sequential". Null is no colour.
   * @param {ArrayLike<number | null>} values
   * @param {"signed" | "sequential"} [scale]
   */
  paint(values, scale = "signed") {
    this.element.dataset.scale = scale;
    this.nodes.forEach((node, i) => {
      const value = values[i] ?? 0;
      node.style.setProperty("--strength", Math.min(1, Math.abs(value)).toFixed(3));
      node.classList.toggle("negative", value < 0);
    });
  }

  /** Take the colours away. */
  clear() {
    this.paint([]);
  }

  /** Move the cursor; `extends_` selects from where it was. @param {number} place @param {boolean} [extends_] */
  go(place, extends_ = false) {
    const at = Math.max(this.least, Math.min(this.nodes.length - 1, place));
    if (!this.nodes.length) return;
    const before = [this.cursor, this.first, this.last];
    this.nodes[this.cursor]?.classList.remove("cursor");
    this.cursor = at;
    if (!extends_ || !this.selects) this.anchor = at;
    this.mark(Math.min(this.anchor, at), Math.max(this.anchor, at));
    this.nodes[at].classList.add("cursor");
    this.reveal(this.nodes[at]);
    if (before[0] !== at) for (const { cursor } of this.listeners) cursor?.(at);
    if (before[1] !== this.first || before[2] !== this.last) for (const { selection } of this.listeners) selection?.(this.first, this.last);
  }

  /** Scroll the strip, and not the page, until a character is in view. @param {HTMLElement} node */
  reveal(node) {
    const { element } = this, at = node.getBoundingClientRect(), top = element.getBoundingClientRect().top + element.clientTop;
    if (at.top < top) element.scrollTop -= top - at.top;
    else if (at.bottom > top + element.clientHeight) element.scrollTop += at.bottom - top - element.clientHeight;
  }

  /** Select the characters from `first` to `last`; the cursor goes to the last one. @param {number} first @param {number} last */
  select(first, last) {
    this.go(first);
    this.go(last, true);
  }

  /** @param {number} first @param {number} last */
  mark(first, last) {
    for (let i = Math.max(0, this.first); i <= this.last; i++) this.nodes[i]?.classList.remove("chosen");
    [this.first, this.last] = [first, last];
    for (let i = first; i <= last && last > first; i++) this.nodes[i].classList.add("chosen");
  }

  /** @param {EventTarget | null} target */
  placeOf(target) {
    const node = target instanceof HTMLElement ? target.closest("[data-place]") : null;
    return node instanceof HTMLElement && this.element.contains(node) ? Number(node.dataset.place) : -1;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { key } = event;
    if (!this.nodes.length || event.ctrlKey || event.altKey || event.metaKey) return;
    /** @type {number} */
    let to;
    if (key in STEPS) to = this.cursor + STEPS[key] * (getComputedStyle(this.element).direction === "rtl" ? -1 : 1);
    else if (key === "ArrowDown" || key === "ArrowUp") to = this.inNextRow(key === "ArrowDown" ? 1 : -1);
    else if (key === "Home") to = 0;
    else if (key === "End") to = this.nodes.length - 1;
    else if (key === "Escape") return this.go(this.cursor);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the keys of a run's epochs are others
    this.go(to, event.shiftKey);
  }

  /** Find the character over or under the cursor. @param {number} step 1 for under it */
  inNextRow(step) {
    const from = this.nodes[this.cursor].getBoundingClientRect(), half = from.height / 2;
    let best = this.cursor, nearest = Infinity, row = NaN;
    for (let place = this.cursor + step; place >= 0 && place < this.nodes.length; place += step) {
      const at = this.nodes[place].getBoundingClientRect();
      if (Math.abs(at.top - from.top) < half) continue;
      if (Number.isNaN(row)) row = at.top;
      if (Math.abs(at.top - row) > half) break;
      if (Math.abs(at.left - from.left) >= nearest) continue;
      [best, nearest] = [place, Math.abs(at.left - from.left)];
    }
    return best;
  }
}

/**
 * Make a node for each character or word, and the lines that they stand in.
 * @param {readonly string[]} pieces
 */
export function setInLines(pieces) {
  const nodes = pieces.map((piece) => make("span", piece === "\n" ? "piece end" : "piece", written(piece)));
  const lines = [make("span", "line")];
  nodes.forEach((node, i) => {
    lines[lines.length - 1].append(node);
    if (pieces[i] === "\n") lines.push(make("span", "line"));
  });
  if (!lines[lines.length - 1].firstChild) lines.pop();
  for (const line of lines) line.dir = "auto";
  return { nodes, lines };
}

/** @param {string} piece */
const written = (piece) => (piece === " " || [...piece].length > 1 ? piece : visible(piece));
