// @ts-check
// The data flow inside a recurrent cell, drawn with the numbers of one unit. An arrow that is pointed at, or has the
// focus, lights the equations that it belongs to, and an equation its arrows; a click keeps them lit.
//
// An equation is an element with `data-letter`; what shows its formula has the text in `data-formula`.

import { drawLayout } from "./cell_drawing.js";
import { layoutOf } from "./cell_layouts.js";
import { numbersOf } from "./cell_numbers.js";
import { formula, marked, parse } from "./formula.js";
import { decimal } from "./numbers.js";
import { make, queryAll, withWords } from "./page.js";
import { fill } from "./text.js";

/** @import { Words } from "../types.d.ts" */
/** @import { Arrow, Layout } from "./cell_layouts.js" */
/** @import { NumberedLine } from "./cell_numbers.js" */

const DIGITS = 2;
const STEPS = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 });
let count = 0; // of diagrams, for the names of their arrowheads

/** @typedef {{ lines: readonly NumberedLine[], before: Record<string, number>, input: string }} CellNumbers `input` is the character */
/** @typedef {{ letters: string[], arrow?: Arrow }} Lit */

/**
 * Find what was lit in a layout that is drawn anew; null where it is not there any more.
 * @param {Lit | null} lit
 * @param {Layout | null} layout
 * @returns {Lit | null}
 */
export function litAgain(lit, layout) {
  const arrows = layout?.arrows ?? [];
  if (!lit?.arrow) return lit && arrows.some(({ letters }) => letters.some((letter) => lit.letters.includes(letter))) ? lit : null;
  const arrow = arrows.find(({ id }) => id === lit.arrow.id);
  return arrow ? { letters: arrow.letters, arrow } : null;
}

export class CellDiagram {
  head = `cell-head-${++count}`;
  picture = make("div", "cell-picture");
  readout = make("p", "cell-readout");
  words = /** @type {Words} */ ({});
  layout = /** @type {Layout | null} */ (null);
  drawn = "";
  numbers = /** @type {Record<string, number | undefined>} */ ({});
  pointed = /** @type {Lit | null} */ (null);
  pinned = /** @type {Lit | null} */ (null);

  /**
   * @param {HTMLElement} host
   * @param {HTMLElement} equations has the equations that light up with the picture
   */
  constructor(host, equations) {
    this.host = host;
    this.equations = equations;
    host.classList.add("cell-diagram");
    host.replaceChildren(this.picture, this.readout);
    this.picture.setAttribute("role", "group");
    this.readout.setAttribute("role", "status");
    for (const box of [this.picture, equations]) {
      for (const name of ["pointerover", "focusin"]) box.addEventListener(name, ({ target }) => this.point(this.litBy(/** @type {Element} */ (target))));
      for (const name of ["pointerleave", "focusout"]) box.addEventListener(name, () => this.point(null));
      box.addEventListener("click", ({ target }) => this.pin(this.litBy(/** @type {Element} */ (target))));
    }
    this.picture.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {CellNumbers} given */
  show(given) {
    this.numbers = numbersOf(given.lines, given.before);
    this.draw(given);
    if (this.layout) withWords("diagram", (words) => { this.words = words; this.write(); });
  }

  // --- drawing ---

  /** @param {CellNumbers} given */
  draw({ lines, input }) {
    const kind = JSON.stringify([lines.map(({ formula: text, activation }) => [text, activation]), input]);
    if (kind === this.drawn) return;
    const { activeElement } = document, focused = this.picture.contains(activeElement) ? activeElement.getAttribute("data-arrow") : null;
    [this.drawn, this.layout, this.pointed] = [kind, layoutOf(lines), null];
    this.pinned = litAgain(this.pinned, this.layout);
    this.host.hidden = !this.layout;
    if (!this.layout) return;
    this.picture.replaceChildren(drawLayout(this.layout, this.head, input));
    const again = this.arrows().find((node) => node.dataset.arrow === focused);
    this.reach(again ?? this.arrows()[0]);
    again?.focus();
  }

  /** Write the numbers, and what a screen reader says. */
  write() {
    this.picture.setAttribute("aria-label", this.words.picture);
    for (const node of this.arrows()) {
      const arrow = this.arrowOf(node), number = node.querySelector(".number");
      if (number) number.textContent = this.numberOf(arrow);
      node.setAttribute("aria-label", parse(this.told(arrow)).join(" "));
    }
    this.light();
  }

  /** Light what is pointed at, or else what was clicked. */
  light() {
    const lit = this.pointed ?? this.pinned, on = new Set(lit?.letters ?? []);
    for (const node of queryAll(this.picture, "[data-letters]")) {
      const isOn = lit?.arrow ? this.arrowOf(node) === lit.arrow : node.dataset.letters.split(" ").some((letter) => on.has(letter));
      node.classList.toggle("lit", isOn);
    }
    this.picture.classList.toggle("dimmed", Boolean(lit));
    for (const row of queryAll(this.equations, "[data-letter]")) {
      const isOn = on.has(row.dataset.letter), shown = /** @type {HTMLElement | null} */ (row.querySelector("[data-formula]"));
      row.classList.toggle("lit", isOn);
      shown?.replaceChildren(...marked(shown.dataset.formula, isOn ? lit.arrow?.carries ?? [] : []));
    }
    this.read(lit?.arrow ? this.told(lit.arrow) : this.words.hint ?? "");
  }

  /** @param {string} text a formula; it is read aloud when it changes */
  read(text) {
    if (this.readout.dataset.told === text) return;
    this.readout.dataset.told = text;
    this.readout.replaceChildren(...formula(text));
  }

  // --- arrows ---

  /** @returns {HTMLElement[]} */
  arrows() {
    return [...queryAll(this.picture, "[data-arrow]")];
  }

  /** @param {Element | null} node @returns {Arrow | undefined} */
  arrowOf(node) {
    return node ? this.layout?.arrows.find(({ id }) => id === node.getAttribute("data-arrow")) : undefined;
  }

  /** @param {Arrow} arrow */
  numberOf({ value }) {
    const number = value ? this.numbers[value] : undefined;
    return number === undefined ? "" : decimal(number, DIGITS);
  }

  /** @param {Arrow} arrow @returns {string} the arrow in words and its number, as a formula */
  told(arrow) {
    const isSum = arrow.value?.startsWith("sum "), name = isSum ? this.words.sum : arrow.carries.join(" + ");
    const equations = arrow.letters.map((letter) => `${letter}_t`).join(", ");
    return fill(this.words[arrow.value ? "arrow" : "vector"], { name, value: this.numberOf(arrow), equations });
  }

  // --- pointing and choosing ---

  /** @param {Element} target @returns {Lit | null} */
  litBy(target) {
    const arrow = this.arrowOf(target.closest("[data-arrow]"));
    if (arrow) return { letters: arrow.letters, arrow };
    const row = /** @type {HTMLElement | null} */ (target.closest("[data-letter]"));
    const letter = target.closest("[data-gate]")?.getAttribute("data-gate") ?? (this.equations.contains(row) ? row.dataset.letter : undefined);
    return letter ? { letters: [letter] } : null;
  }

  /** @param {Lit | null} lit */
  point(lit) {
    this.pointed = lit;
    this.light();
  }

  /** @param {Lit | null} lit a second time lets go */
  pin(lit) {
    const isSame = lit && this.pinned && this.pinned.arrow === lit.arrow && this.pinned.letters.join() === lit.letters.join();
    this.pinned = isSame ? null : lit;
    this.light();
  }

  /** @param {HTMLElement} node the arrow that Tab reaches */
  reach(node) {
    for (const other of this.arrows()) other.setAttribute("tabindex", other === node ? "0" : "-1");
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const node = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[data-arrow]")) : null;
    const step = STEPS[event.key], all = this.arrows();
    if (!node || (!step && ![" ", "Enter", "Escape"].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    if (!step) return this.pin(event.key === "Escape" ? null : this.litBy(node));
    const next = all[(all.indexOf(node) + step + all.length) % all.length];
    this.reach(next);
    next.focus();
  }
}
