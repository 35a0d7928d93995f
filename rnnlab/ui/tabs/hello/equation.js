// @ts-check
// One step of the cell in numbers: h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh) as tables, and the sum that makes
// one component of h_t. Every number comes from Python; the terms of one sum are multiplied out here.

import { heatmap } from "../../frontend/lib/heatmap.js";
import { decimal, signed } from "../../frontend/lib/numbers.js";
import { make, queryAll } from "../../frontend/lib/page.js";
import { fill, visible } from "../../frontend/lib/text.js";

/** @import { CellStep, LookRow, Words } from "../../frontend/types.d.ts" */

/** @typedef {Partial<import("../../frontend/lib/heatmap.js").HeatmapOptions> & { named?: boolean, title?: string }} TensorOptions */

const MAX_LETTERS_IN_NUMBERS = 8; // a matrix with more columns is colours alone, and the sum has the numbers
const NOT_COMPONENTS = ["x_t", "h_{t-1}"]; // rows of these are what is multiplied, not components of h_t

/**
 * Make a tensor's table. Its name is its title: "W_ih x_t" is W with a small ih, x with a small t.
 * @param {string} name
 * @param {number[] | number[][]} values
 * @param {string[]} letters of the vocabulary
 * @param {number} limit the number that has the full colour
 * @param {TensorOptions} options
 */
function tensor(name, values, letters, limit, { named = false, title = name, ...options } = {}) {
  const columns = Array.isArray(values[0]) ? values[0].length : 0;
  const shape = columns ? `(${values.length}, ${columns})` : `(${values.length},)`;
  const headings = { columns: columns ? letters : ["\u00a0"], rows: named ? letters : undefined };
  const table = heatmap({ values, limit, ...headings, ...options });
  table.dataset.tensor = name;
  table.setAttribute("aria-label", `${name} ${shape}`);
  const parts = title.split(" ").map((part) => part.replace(/[{}]/g, "").replace("-", "−").split("_"));
  table.caption.replaceChildren(...parts.flatMap(([letter, sub]) => [make("b", "", letter), make("sub", "", sub)]), make("small", "", shape));
  return table;
}

/** @param {string} text @param {string} [over] */
const sign = (text, over) => make("span", "sign", text, ...(over ? [make("small", "", over)] : []));

/**
 * Draw the tables of one step into `host`; return the table of h_t.
 * @param {HTMLElement} host
 * @param {LookRow} row
 * @param {CellStep} step
 * @param {{ vocabulary: string[], limit: number, words: Words }} facts
 */
export function drawEquation(host, row, step, { vocabulary, limit, words }) {
  const letters = vocabulary.map(visible);
  const table = (/** @type {string} */ name, /** @type {number[] | number[][]} */ values, /** @type {TensorOptions} */ options = {}) =>
    tensor(name, values, letters, limit, options);
  const group = (/** @type {string} */ title, /** @type {Node[]} */ ...parts) => make("div", "group", make("b", "", title), ...parts);
  const alone = (/** @type {Node} */ part) => make("div", "alone", part);
  const left = host.scrollLeft, h_t = table("h_t", step.h_t);
  /** @type {TensorOptions} */
  const p = { named: true, title: "p_t", scale: "probability", limit: 1, lit: { row: step.predicted } };
  host.replaceChildren(
    group(words.from_input, table("W_ih", row.weight_ih, { named: true, lit: { column: step.x_t.indexOf(1) } }),
      table("x_t", step.x_t, { scale: "plain", rows: letters.map((letter, index) => `${letter} ${index}`), lit: { row: step.x_t.indexOf(1) } }), sign("→"), table("W_ih x_t", step.from_x)),
    sign("+"), alone(table("b_ih", row.bias_ih)), sign("+"),
    group(words.from_memory, table("W_hh", row.weight_hh, { named: true }), table("h_{t-1}", step.h_prev),
      sign("→"), table("W_hh h_{t-1}", step.from_h)),
    sign("+"), alone(table("b_hh", row.bias_hh)), sign("="), alone(table("sum", step.sum, { title: words.sum })),
    sign("→", "tanh"), alone(h_t), sign("→", "softmax"), alone(table("p", step.probabilities, p)),
  );
  fit(host, vocabulary.length);
  host.scrollLeft = left;
  return h_t;
}

/**
 * Make the tables fit: few letters scroll in their box if they must; many become colours, as narrow as it takes.
 * @param {HTMLElement} host
 * @param {number} count letters of the vocabulary
 * @returns {boolean} whether the tables are colours alone
 */
export function fit(host, count) {
  host.classList.remove("colours", "narrow", "tight");
  host.style.removeProperty("--cell");
  const excess = () => Math.max(...[host, ...queryAll(host, ".group")].map((box) => box.scrollWidth - box.clientWidth));
  const few = count <= MAX_LETTERS_IN_NUMBERS, tooWide = excess() > 1;
  host.classList.toggle("tight", tooWide && few);
  const inColours = tooWide && !few;
  host.classList.toggle("colours", inColours);
  if (inColours && excess() > 0) { // in one line there are two matrices, on a phone one above the other
    const columns = count * (getComputedStyle(host).flexWrap === "wrap" ? 1 : 2);
    const cell = Math.max(4, 13.5 - excess() / columns);
    host.style.setProperty("--cell", `${cell}px`);
    host.classList.toggle("narrow", cell < 10); // than the letters that head the columns
  }
  for (const box of queryAll(host, ".group")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; // the keyboard scrolls it
    else box.removeAttribute("tabindex");
  }
  return inColours;
}

/**
 * Mark the rows that belong to component i of h_t.
 * @param {HTMLElement} host
 * @param {number} i
 */
export function markComponent(host, i) {
  for (const cell of queryAll(host, "table tbody td")) {
    const { tensor: name } = cell.closest("table").dataset;
    cell.classList.toggle("row-lit", !NOT_COMPONENTS.includes(name) && Number(cell.dataset.row) === i);
  }
}

/**
 * Tell the component of h_t that an event's cell belongs to; null outside of one.
 * @param {Event} event
 */
export function componentAt({ target }) {
  const cell = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("tbody td")) : null;
  return cell && !NOT_COMPONENTS.includes(cell.closest("table").dataset.tensor) ? Number(cell.dataset.row) : null;
}

/** @param {string} kind @param {string} text @param {number} value @param {string} name */
export const term = (kind, text, value, name) => Object.assign(make("data", kind, text), { value: String(value), title: `${name} = ${value}` });

/**
 * Write the sum that makes component i of h_t into `host`.
 * @param {HTMLElement} host
 * @param {LookRow} row
 * @param {CellStep} step
 * @param {number} i
 * @param {{ vocabulary: string[], t: number }} facts
 */
export function writeSum(host, row, step, i, { vocabulary, t }) {
  const name = vocabulary.map(visible);
  /** @param {"x" | "h"} kind @param {number[][]} weights @param {number[]} vector @param {string} title */
  const products = (kind, weights, vector, title) => vector.flatMap((by, j) => {
    if (kind === "x" && !by) return []; // of the one-hot only the 1 is written
    const text = `${signed(weights[i][j])} · ${Number.isInteger(by) ? by : signed(by)}`;
    return [term(kind, text, weights[i][j] * by, fill(title, { i: name[i], j: name[j] }))];
  });
  const bias = (/** @type {number[]} */ values, /** @type {string} */ kind) => term("b", signed(values[i]), values[i], `b_${kind}[${name[i]}]`);
  const terms = [
    ...products("x", row.weight_ih, step.x_t, "W_ih[{i}, {j}] · x_t[{j}]"), bias(row.bias_ih, "ih"),
    ...products("h", row.weight_hh, step.h_prev, "W_hh[{i}, {j}] · h_{t-1}[{j}]"), bias(row.bias_hh, "hh"),
  ];
  host.dataset.component = String(i);
  host.replaceChildren(
    make("b", "", "h"), make("sub", "", t), `[${name[i]}] = tanh( `,
    ...terms.flatMap((node, k) => (k ? [" + ", node] : [node])), " ) = tanh( ",
    term("total", decimal(step.sum[i], 3), step.sum[i], "sum"), " ) = ",
    make("b", "", term("result", decimal(step.h_t[i], 3), step.h_t[i], "h_t")),
  );
  keepHeight(host);
}

// The sum keeps the height of its longest row, so that nothing moves under the pointer.
/** @param {HTMLElement} host */
function keepHeight(host) {
  const width = String(host.offsetWidth);
  if (host.dataset.width !== width) Object.assign(host.dataset, { width, height: 0 });
  host.dataset.height = String(Math.max(Number(host.dataset.height), host.firstChild ? host.scrollHeight : 0));
  host.style.minHeight = `${host.dataset.height}px`;
}
