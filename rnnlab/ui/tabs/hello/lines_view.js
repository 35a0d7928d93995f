// @ts-check
// The cell as a textbook writes it: a line per gate, candidate and state, with its formula, its line of PyTorch and its
// numbers, one per unit. The unit that is pointed at, or chosen with the arrow keys, shows the sum behind its number.

import { heatmap } from "../../frontend/lib/heatmap.js";
import { decimal, signed } from "../../frontend/lib/numbers.js";
import { make, queryAll } from "../../frontend/lib/page.js";
import { term } from "./equation.js";
import { formula } from "../../frontend/lib/formula.js";
import { blockOf, equationOf, multiplied, nameOf, unitsOf, valuesOf, vocabularyOf } from "./moment.js";

/** @import { CellEquation } from "../../frontend/types.d.ts" */
/** @import { Moment } from "./moment.js" */

/** @typedef {{ letter: string, unit: number }} Place */

/** @param {Moment} moment @param {CellEquation} equation */
function drawLine(moment, equation) {
  const { letter, code, activation } = equation, isScore = letter === "s", units = isScore ? vocabularyOf(moment) : unitsOf(moment);
  const isGate = activation === "σ";
  /** @type {Partial<import("../../frontend/lib/heatmap.js").HeatmapOptions>} */
  const look = isGate ? { scale: "probability", limit: 1 } : { limit: isScore ? Math.max(moment.limit, ...moment.step.logits.map(Math.abs)) : 1 };
  const table = heatmap({ values: [valuesOf(moment, letter)], columns: units, ...look });
  table.dataset.letter = letter;
  table.caption.remove();
  table.setAttribute("aria-label", `${nameOf(moment, letter)} ${letter}`);
  for (const cell of queryAll(table, "tbody td")) {
    cell.setAttribute("aria-label", `${letter}[${units[Number(cell.dataset.column)]}] ${cell.textContent}`);
    cell.setAttribute("aria-describedby", "hello-sum");
    cell.tabIndex = -1;
  }
  const line = make("div", `line${isScore ? " scores" : ""}`,
    make("span", "name", nameOf(moment, letter)), make("span", "formula-text", ...formula(equation.formula)), make("code", "", code), table);
  line.dataset.letter = letter;
  return line;
}

/** @param {Moment} moment */
function drawProbabilities(moment) {
  const { step, words } = moment, letters = vocabularyOf(moment);
  const table = heatmap({ values: [step.probabilities], columns: letters, scale: "probability", limit: 1, lit: { row: 0, column: step.predicted } });
  table.caption.remove();
  table.setAttribute("aria-label", words["quantity.p"]);
  const own = step.values.h.length === letters.length && !moment.row.bias_out.length ? "h_t" : "s_t";
  return make("div", "line scores", make("span", "name", words["quantity.p"]), make("span", "formula-text", ...formula(`p_t = softmax(${own})`)),
    make("code", "", `p = torch.softmax(${own[0]}, dim=0)`), table);
}

/** @param {Moment} moment @param {Place} place @returns {Node[][]} the terms, each as its nodes */
function termsOf(moment, { letter, unit }) {
  const { row, step } = moment, equation = equationOf(moment, letter), { values } = step;
  const names = unitsOf(moment), inputs = vocabularyOf(moment);
  if (letter === "s") {
    return [...step.h_t.map((h, j) => [term("h", `${signed(row.weight_out[unit][j])} · ${signed(h)}`, row.weight_out[unit][j] * h, `W_out[${inputs[unit]}, ${names[j]}] · h_t[${names[j]}]`)]),
      [term("b", signed(row.bias_out[unit]), row.bias_out[unit], `b_out[${inputs[unit]}]`)]];
  }
  /** @param {string} name @param {number} a @param {number} b */
  const product = (name, a, b) => [term("h", `${signed(a)} · ${signed(b)}`, a * b, name)];
  if (letter === "c") return [product("f · c_{t-1}", values.f[unit], step.c_prev[unit]), product("i · g", values.i[unit], values.g[unit])];
  if (letter === "h" && "o" in values) return [product("o · tanh(c)", values.o[unit], Math.tanh(values.c[unit]))];
  if (letter === "h" && "z" in values) return [product("(1 - z) · n", 1 - values.z[unit], values.n[unit]), product("z · h_{t-1}", values.z[unit], step.h_prev[unit])];
  const { block, times } = equation, [w_ih, w_hh] = [blockOf(moment, row.weight_ih, block)[unit], blockOf(moment, row.weight_hh, block)[unit]];
  const [b_ih, b_hh] = [blockOf(moment, row.bias_ih, block)[unit], blockOf(moment, row.bias_hh, block)[unit]];
  const x = step.x_t.indexOf(1), by = multiplied(moment, equation), scale = times ? values.r[unit] : 1, shown = times ? `${signed(scale)} · ` : "";
  return [
    [term("x", `${signed(w_ih[x])} · 1`, w_ih[x], `W_i${letter}[${names[unit]}, ${inputs[x]}] · x_t[${inputs[x]}]`)],
    [term("b", signed(b_ih), b_ih, `b_i${letter}[${names[unit]}]`)],
    ...by.map((h, j) => [term("h", `${shown}${signed(w_hh[j])} · ${signed(h)}`, scale * w_hh[j] * h, `${times ? "r · " : ""}W_h${letter}[${names[unit]}, ${names[j]}] · ${equation.by}[${names[j]}]`)]),
    [term("b", `${shown}${signed(b_hh)}`, scale * b_hh, `b_h${letter}[${names[unit]}]`)],
  ];
}

/** @param {HTMLElement} host @param {Moment} moment @param {Place} place */
function writeLineSum(host, moment, place) {
  const { letter, unit } = place, { activation, block } = equationOf(moment, letter), value = valuesOf(moment, letter)[unit];
  const name = (letter === "s" ? vocabularyOf(moment) : unitsOf(moment))[unit];
  const total = block >= 0 ? blockOf(moment, moment.step.sum, block)[unit] : value;
  const terms = termsOf(moment, place).flatMap((nodes, k) => (k ? [" + ", ...nodes] : nodes));
  Object.assign(host.dataset, { letter, component: String(unit) });
  host.replaceChildren(make("b", "", letter), make("sub", "", String(moment.t + 1)), `[${name}] = ${activation}${activation ? "( " : ""}`, ...terms,
    ...(activation ? [` ) = ${activation}( `, term("total", decimal(total, 3), total, "sum"), " )"] : []), " = ",
    make("b", "", term("result", decimal(value, 3), value, `${letter}_t`)));
}

/**
 * @param {Record<string, HTMLElement>} parts the panel's elements by role
 */
export function linesView({ lines, sum }) {
  /** @type {Moment | null} */
  let now = null;
  /** @type {Place | null} */
  let pointed = null;
  /** @type {Place | null} */
  let chosen = null;

  /** @param {Event} event @returns {Place | null} */
  const placeAt = ({ target }) => {
    const cell = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("[data-letter] tbody td")) : null;
    return cell && { letter: cell.closest("table").dataset.letter, unit: Number(cell.dataset.column) };
  };
  /** @param {Place} place @returns {HTMLElement | null} */
  const cellOf = ({ letter, unit }) => lines.querySelector(`table[data-letter="${letter}"] tbody td[data-column="${unit}"]`);
  const first = () => ({ letter: now.started.equations[0].letter, unit: 0 });

  function mark() {
    const place = pointed ?? chosen ?? first();
    for (const cell of queryAll(lines, "tbody td")) cell.classList.toggle("row-lit", cell === cellOf(place));
    for (const line of queryAll(lines, ".line")) line.classList.toggle("open", line.dataset.letter === place.letter);
    writeLineSum(sum, now, place);
  }

  /** @param {Moment} moment */
  function show(moment) {
    now = moment;
    if (chosen && !(valuesOf(moment, chosen.letter)?.length > chosen.unit)) chosen = null;
    const hadFocus = lines.contains(document.activeElement);
    lines.replaceChildren(...moment.started.equations.map((equation) => drawLine(moment, equation)), drawProbabilities(moment));
    const cell = cellOf(chosen ?? first());
    cell.tabIndex = 0;
    if (hadFocus) cell.focus({ preventScroll: true });
    mark();
  }

  /** @param {Event} event */
  function onChoose(event) {
    const place = placeAt(event);
    if (!place) return;
    for (const cell of queryAll(lines, "td[tabindex='0']")) cell.tabIndex = -1;
    cellOf(place).tabIndex = 0;
    chosen = place;
    mark();
  }

  /** @param {KeyboardEvent} event */
  function onArrow(event) {
    const place = placeAt(event), letters = now?.started.equations.map((equation) => equation.letter);
    const [down, right] = /** @type {Record<string, number[]>} */ ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] })[event.key] ?? [];
    if (!place || down === undefined) return;
    event.preventDefault();
    pointed = null;
    const letter = letters[Math.max(0, Math.min(letters.length - 1, letters.indexOf(place.letter) + down))];
    cellOf({ letter, unit: Math.max(0, Math.min(valuesOf(now, letter).length - 1, place.unit + right)) }).focus();
  }

  for (const name of ["pointerover", "pointerleave"]) lines.addEventListener(name, (/** @type {Event} */ event) => {
    pointed = name === "pointerover" ? placeAt(event) : null;
    if (now) mark();
  });
  for (const name of ["click", "focusin"]) lines.addEventListener(name, onChoose);
  lines.addEventListener("keydown", onArrow);
  return { show, reset: () => { chosen = pointed = null; } };
}
