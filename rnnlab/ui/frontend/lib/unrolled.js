// @ts-check
// The unrolled network as a drawing: every step with its cells, each layer and direction, and an output layer on top. A
// cell that is pointed at, or has the focus, lights its whole row: the steps share its weights.

import { formula, parse } from "./formula.js";
import { joinSentences, make, queryAll } from "./page.js";
import { arrowhead, drawingScale, svg } from "./svg.js";
import { isLate, unrolledLayout } from "./unrolled_layout.js";

/** @import { Box, Line, Network } from "./unrolled_layout.js" */

const WIDE = 600, LEFT = 128; // pixels from which on the rows have their names on the left, and the room for them
/** @param {number} half pixels */
const isNarrowBox = (half) => half < 22;
let count = 0; // of drawings, for the names of their arrowheads

/**
 * @typedef {object} Texts
 * @property {string} picture the drawing in a sentence
 * @property {string} [cell] of a network whose state is a pair: what its two arrows are
 * @property {string} hint what stands below while nothing is pointed at
 * @property {string} linear the output layer
 * @property {string} input the name of the row of inputs
 * @property {string} output and of the outputs
 * @property {(layer: number, reverse: boolean) => string} row the name of a row of cells
 * @property {(layer: number, reverse: boolean) => string} told a row in a sentence, as a formula
 */

/** @typedef {Network & { texts: Texts, reached?: number }} Unrolled `reached` is the last step that is computed, from 0 */

/** @param {string} text @returns {SVGElement[]} */
const lowered = (text) => parse(text).flatMap((part, k) => (part ? [svg("tspan", k % 2 ? { dy: 4, class: "sub" } : { dy: k ? -4 : 0 }, part)] : []));
/** @param {number} x @param {number} y @param {string} text @param {string} [kind] */
const label = (x, y, text, kind = "") => svg("text", { x, y, class: kind }, ...lowered(text));

export class UnrolledNetwork {
  head = `unrolled-head-${++count}`;
  picture = make("div", "unrolled-picture");
  readout = make("p", "cell-readout");
  drawn = /** @type {Unrolled | null} */ (null);

  /** @param {HTMLElement} host */
  constructor(host) {
    host.replaceChildren(this.picture, this.readout);
    this.picture.setAttribute("role", "group");
    this.readout.setAttribute("role", "status");
    for (const name of ["pointerover", "focusin", "click"]) this.picture.addEventListener(name, ({ target }) => this.light(/** @type {Element} */ (target)));
    for (const name of ["pointerleave", "focusout"]) this.picture.addEventListener(name, () => this.light(null));
    this.picture.addEventListener("keydown", (event) => this.onKey(event));
    let width = 0;
    new ResizeObserver(() => {
      const now = this.picture.clientWidth;
      if (now && now !== width && this.drawn) this.show(this.drawn);
      width = now;
    }).observe(this.picture);
  }

  /** @param {Unrolled} network */
  show(network) {
    this.drawn = network;
    const { columns, texts, reached = Infinity } = network, scale = drawingScale(this.picture), width = this.picture.clientWidth / scale;
    if (!width) return;
    const isWide = width > WIDE, room = isWide ? LEFT : 0, places = unrolledLayout(network, width, room);
    const late = (/** @type {number} */ layer, /** @type {number} */ column, /** @type {"forward" | "backward" | "answer"} */ what) => (isLate(network, reached, { layer, column, what }) ? " late" : "");
    const answerLate = (/** @type {number} */ column) => late(Math.max(0, network.layers - 1), column, "answer");
    const lateLine = (/** @type {Line} */ { kind, layer, column, reverse }) => (kind === "top" ? answerLate(column) : late(layer, column, reverse ? "backward" : "forward"));
    const [linear, letter] = [places.linear, isNarrowBox(places.half) ? "" : "h "];
    const texted = columns.flatMap(({ input, outputs, isGap }, k) => [
      label(places.at(k), places.bottom + 24, input, "input"),
      ...(isGap ? [] : [svg("rect", { class: `linear${answerLate(k)}`, x: places.at(k) - places.half, y: linear - 17, width: 2 * places.half, height: 34, rx: 4 }), label(places.at(k), linear + 5, "W", `inside${answerLate(k)}`)]),
      ...outputs.map((text, i) => label(places.at(k), places.line(i), text, `output${i ? " more" : ""}${answerLate(k)}`)),
    ]);
    this.picture.replaceChildren(svg("svg", { width: width * scale, height: places.height * scale, viewBox: `0 0 ${width} ${places.height}` },
      arrowhead(this.head),
      ...places.arrows.map((line) => svg("path", { d: line.d, class: `line ${line.kind}${lateLine(line)}`, "data-row": `${line.layer} ${line.reverse}`, ...(line.bare ? {} : { "marker-end": `url(#${this.head})` }) })),
      ...places.boxes.map((box) => this.box(box, letter, late(box.layer, box.column, box.reverse ? "backward" : "forward"))),
      ...places.names.map(({ text, x, y, ...of }) => label(x, y, text, `rail${late(of.layer, of.column, of.reverse ? "backward" : "forward")}`)), ...texted, ...(isWide ? this.names(places) : [])));
    this.picture.setAttribute("aria-label", joinSentences([texts.picture, texts.cell]));
    this.light(null);
  }

  /** @param {Box} box @param {string} letter @param {string} late the class of one that is not computed yet */
  box({ layer, reverse, column, x, y, half }, letter, late) {
    const isStop = column === 0, { texts } = this.drawn; // one stop of the keyboard for each row
    return svg("g", { class: `box${reverse ? " reverse" : ""}${late}`, "data-row": `${layer} ${reverse}`, ...(isStop ? { role: "img", tabindex: layer || reverse ? -1 : 0, "aria-label": parse(texts.told(layer, reverse)).join(" ") } : {}) },
      svg("rect", { x: x - half, y: y - 17, width: 2 * half, height: 34, rx: 6 }), label(x, y + 5, reverse ? `${letter}←` : this.drawn.directions === 2 ? `${letter}→` : "h", "inside"));
  }

  /** @param {ReturnType<typeof unrolledLayout>} places @returns {SVGElement[]} the names of the rows */
  names({ row, linear, bottom, line }) {
    const { layers, directions, texts } = this.drawn;
    const cells = Array.from({ length: layers * directions }, (_, i) => [Math.floor(i / directions), i % directions === 1]);
    return [
      label(0, bottom + 24, texts.input, "name"), label(0, linear + 5, texts.linear, "name"), label(0, line(0), texts.output, "name"),
      ...cells.map(([layer, reverse]) => label(0, row(Number(layer), Boolean(reverse)) + 5, texts.row(Number(layer), Boolean(reverse)), "name")),
    ];
  }

  /** @param {Element | null} target */
  light(target) {
    const chosen = target?.closest("[data-row]")?.getAttribute("data-row") ?? null;
    for (const node of queryAll(this.picture, "[data-row]")) node.classList.toggle("lit", node.dataset.row === chosen);
    const [layer, reverse] = chosen?.split(" ") ?? [], { texts, layers } = this.drawn;
    const text = chosen === null || Number(layer) >= layers ? joinSentences([texts.hint, texts.cell]) : texts.told(Number(layer), reverse === "true");
    if (this.readout.dataset.told === text) return;
    this.readout.dataset.told = text;
    this.readout.replaceChildren(...formula(text));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const step = /** @type {Record<string, number>} */ ({ ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 })[event.key];
    const all = [...queryAll(this.picture, "[tabindex]")], from = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (!step || from < 0) return;
    event.preventDefault();
    const next = all[(from + step + all.length) % all.length];
    for (const node of all) node.setAttribute("tabindex", node === next ? "0" : "-1");
    next.focus();
  }
}
