// @ts-check
// The data flow inside the cell, and beside it the equations with the numbers of one unit.

import { CellDiagram } from "../../frontend/lib/cell_diagram.js";
import { formula } from "../../frontend/lib/formula.js";
import { decimal, signed } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { blockOf, multiplied, nameOf, unitsOf, vocabularyOf } from "./moment.js";

/** @import { CellEquation } from "../../frontend/types.d.ts" */
/** @import { NumberedLine } from "../../frontend/lib/cell_numbers.js" */
/** @import { Moment } from "./moment.js" */

/** @param {Moment} moment @param {CellEquation} equation @param {number} unit @returns {[string, number][]} the parts of a product of vectors */
function productsOf({ step }, { letter }, unit) {
  const { i, f, g, o, c, z, n } = step.values;
  if (letter === "c") return [["f_t ⊙ c_{t-1}", f[unit] * step.c_prev[unit]], ["i_t ⊙ g_t", i[unit] * g[unit]]];
  if (o) return [["o_t ⊙ tanh(c_t)", o[unit] * Math.tanh(c[unit])]];
  return [["1 - z_t ⊙ n_t", (1 - z[unit]) * n[unit]], ["z_t ⊙ h_{t-1}", z[unit] * step.h_prev[unit]]];
}

/** @param {Moment} moment @param {CellEquation} equation @param {number} unit @returns {[string, number][]} what is summed, by its formula */
export function partsOf(moment, equation, unit) {
  const { row, step } = moment, { letter, block, times, by } = equation;
  if (block < 0) return productsOf(moment, equation, unit);
  const of = (/** @type {any[]} */ weight) => blockOf(moment, weight, block)[unit];
  const x = step.x_t.indexOf(1), scale = times ? step.values.r[unit] : 1, scaled = times ? "r_t ⊙ " : "";
  const product = multiplied(moment, equation).reduce((sum, h, j) => sum + of(row.weight_hh)[j] * h, 0);
  const symbols = moment.started.equations.some((other) => other.block > 0) ? [`i${letter}`, `h${letter}`] : ["ih", "hh"];
  return [
    [`W_${symbols[0]} x_t`, of(row.weight_ih)[x]], [`b_${symbols[0]}`, of(row.bias_ih)],
    [`${scaled}W_${symbols[1]} ${by.includes(" ") ? `(${by})` : by}`, scale * product], [`${scaled}b_${symbols[1]}`, scale * of(row.bias_hh)],
  ];
}

/** @param {Moment} moment @param {number} unit @returns {(NumberedLine & CellEquation)[]} */
export const linesOf = (moment, unit) => moment.started.equations.filter(({ letter }) => letter !== "s").map((equation) => {
  const value = moment.step.values[equation.letter][unit], parts = partsOf(moment, equation, unit);
  return { ...equation, parts, value, sum: equation.block < 0 ? value : blockOf(moment, moment.step.sum, equation.block)[unit] };
});

/** @param {NumberedLine} line @returns {string} the numbers of an equation, as it is computed */
export function numbersIn({ activation, parts, sum, value, letter }) {
  const terms = parts.map(([, part]) => signed(part)).join(" + ");
  return `${letter}_t = ${activation ? `${activation}(${terms}) = ${activation}(${decimal(sum, 3)})` : terms} = ${decimal(value, 3)}`;
}

/** @param {Moment} moment @param {NumberedLine & CellEquation} line */
function drawRow(moment, line) {
  const shown = make("span", "formula-text", ...formula(line.formula));
  shown.dataset.formula = line.formula;
  const row = make("button", "row", make("span", "name", nameOf(moment, line.letter)), shown, make("span", "figures", ...formula(numbersIn(line))));
  row.type = "button";
  row.dataset.letter = line.letter;
  return row;
}

/** @param {HTMLElement} host */
export function flowView(host) {
  const picture = make("div", "picture"), list = make("div", "rows"), choice = make("div", "units");
  host.append(picture, make("div", "side", choice, list));
  const diagram = new CellDiagram(picture, list);
  /** @type {Moment | null} */
  let now = null;
  let unit = 0;

  function drawChoice() {
    const select = make("select", "", ...unitsOf(now).map((name, i) => Object.assign(make("option", "", name), { value: String(i) })));
    select.value = String(unit);
    select.addEventListener("change", () => { unit = Number(select.value); show(now); });
    choice.replaceChildren(make("label", "", now.words["flow.unit"], " ", select));
  }

  /** @param {Moment} moment */
  function show(moment) {
    const isNew = now?.started !== moment.started || now.words !== moment.words;
    now = moment;
    if (unit >= unitsOf(moment).length) unit = 0;
    if (isNew) drawChoice();
    const { step } = moment, lines = linesOf(moment, unit);
    const letters = lines.map(({ letter }) => letter).join(), rows = lines.map((line) => drawRow(moment, line));
    if (list.dataset.letters !== letters || isNew) list.replaceChildren(...rows);
    else rows.forEach((row, k) => list.children[k].replaceChildren(...row.children)); // the focus stays
    list.dataset.letters = letters;
    const before = { "h_{t-1}": step.h_prev[unit], ...(step.c_prev.length ? { "c_{t-1}": step.c_prev[unit] } : {}) };
    diagram.show({ lines, before, input: vocabularyOf(moment)[step.x_t.indexOf(1)] });
  }

  return { show };
}
