// @ts-check
// One part of the text, a node per token. Another epoch changes only the classes of those whose shade differs.

import { make, roles } from "../../frontend/lib/page.js";
import { visible } from "../../frontend/lib/text.js";
import { changedRuns, shadesOf } from "./surprise_scale.js";

/** @import { SurpriseWindow } from "../../frontend/types.d.ts" */

const STEPS = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 });

export class SurpriseText {
  /**
   * @param {HTMLElement} section
   * @param {(text: SurpriseText) => void} choose called when a token has been chosen, or none any more (`place` is -1)
   */
  constructor(section, choose) {
    const role = roles(section);
    this.part = section.dataset.part;
    this.section = section;
    /** @type {HTMLElement} */
    this.element = role("text");
    this.choose = choose;
    this.place = -1; // of the chosen token in the window
    this.start = 0; // the window's first token, counted in the part
    this.drawn = ""; // which window of which run is on the page
    /** @type {HTMLElement[]} */
    this.nodes = [];
    /** @type {readonly string[]} */
    this.pieces = [];
    /** @type {(number | null)[]} */
    this.tenths = [];
    /** @type {Uint8Array | null} */
    this.shades = null;
    this.element.addEventListener("click", ({ target }) => this.select(this.nodes.indexOf(/** @type {HTMLElement} */ (target))));
    this.element.addEventListener("keydown", (event) => this.onKey(event));
  }

  /**
   * Draw a window; its text only where another one is on the page.
   * @param {SurpriseWindow} window
   * @param {string} key names the run and the window
   * @param {number} most the bits of a blind guess
   */
  draw({ pieces, tenths, start }, key, most) {
    if (pieces && key !== this.drawn) {
      [this.drawn, this.start, this.pieces, this.shades] = [key, start, pieces, null];
      this.select(-1);
      this.nodes = pieces.map((piece) => make("span", "", written(piece)));
      this.element.replaceChildren(...this.nodes);
      this.element.scrollTop = 0;
    }
    const shades = shadesOf(tenths, most);
    for (const [first, end, shade] of changedRuns(shades, this.shades)) {
      for (let place = first; place < end; place++) this.nodes[place].className = this.classOf(place, shade);
    }
    [this.tenths, this.shades] = [tenths, shades];
    if (this.place >= 0) this.choose(this);
  }

  /** Show a sentence in place of a text. @param {string} sentence */
  say(sentence) {
    [this.drawn, this.nodes, this.pieces, this.tenths, this.shades, this.place] = ["", [], [], [], null, -1];
    this.element.replaceChildren(make("p", "none", sentence));
  }

  /** @param {number} place @param {number} shade */
  classOf(place, shade) {
    return `s${shade}${this.pieces[place] === " " ? " blank" : ""}${place === this.place ? " chosen" : ""}`;
  }

  /** Choose the token at a place of the window; -1 chooses none. @param {number} place */
  select(place) {
    this.nodes[this.place]?.classList.remove("chosen");
    this.place = place;
    const node = this.nodes[place];
    if (node) {
      node.classList.add("chosen");
      node.scrollIntoView({ block: "nearest" });
    }
    this.choose(this);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { key } = event, last = this.nodes.length - 1;
    if (last < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    /** @type {number} */
    let to;
    if (key === "Escape" && this.place >= 0) return this.select(-1);
    if (key in STEPS) to = this.place < 0 ? 0 : this.place + STEPS[key] * (getComputedStyle(this.element).direction === "rtl" ? -1 : 1);
    else if (key === "ArrowDown" || key === "ArrowUp") to = this.place < 0 ? 0 : this.inNextRow(key === "ArrowDown" ? 1 : -1);
    else if (key === "Home") to = 0;
    else if (key === "End") to = last;
    else return;
    event.preventDefault();
    event.stopPropagation(); // the keys of the run's epochs are others
    this.select(Math.max(0, Math.min(last, to)));
  }

  /** Find the token that stands over or under the chosen one. @param {number} step 1 for under it */
  inNextRow(step) {
    const from = this.nodes[this.place].getBoundingClientRect(), half = from.height / 2;
    let best = this.place, nearest = Infinity, row = NaN;
    for (let place = this.place + step; place >= 0 && place < this.nodes.length; place += step) {
      const at = this.nodes[place].getBoundingClientRect();
      if ((at.top - from.top) * step < half) continue;
      if (Number.isNaN(row)) row = at.top;
      if (Math.abs(at.top - row) > half) break;
      if (Math.abs(at.left - from.left) >= nearest) continue;
      [best, nearest] = [place, Math.abs(at.left - from.left)];
    }
    return best;
  }
}

// A line's end is its sign: the text runs on behind it, so that more of it is in view.
/** @param {string} piece */
const written = (piece) => (piece === " " || [...piece].length > 1 ? piece : visible(piece));
