// @ts-check
// X W_xh + H W_hh beside [X, H] [W_xh; W_hh]. The panel is on the page once, so its state is the module's.

import { heatmap } from "../../frontend/lib/heatmap.js";
import { decimal } from "../../frontend/lib/numbers.js";
import { queryAll, roles } from "../../frontend/lib/page.js";
import { followValue, sign } from "./exhibit.js";

/** @import { PanelContext, ProductsValue, Words } from "../../frontend/types.d.ts" */

/** @type {HTMLElement} */
let panel;
/** @type {ReturnType<typeof roles>} */
let role;
/** @type {ProductsValue} */
let value;
let at = { row: 0, column: 0 };

const digits = 2;

/** @param {ProductsValue} given @param {Words} words */
function draw(given, words) {
  value = given;
  const [ins, units] = [value.x[0].length, value.h[0].length];
  const joined = [...Array.from({ length: ins }, () => "x"), ...Array.from({ length: units }, () => "h")];
  /** @param {Exclude<keyof ProductsValue, "difference">} name @param {string} caption @param {string} kind @param {object} [options] */
  const matrix = (name, caption, kind, options = {}) => {
    const values = value[name], table = heatmap({ values, caption, shape: `(${values.length}, ${values[0].length})`, limit: 3, digits, ...options });
    table.dataset.kind = kind; // "left": a row of it made the number; "right": a column; "result": the number itself
    return table;
  };
  role("sum").replaceChildren(
    matrix("x", "X", "left"), sign("×"), matrix("w_xh", "W_xh", "right"), sign("+"),
    matrix("h", "H", "left"), sign("×"), matrix("w_hh", "W_hh", "right"), sign("="), matrix("total", "X W_xh + H W_hh", "result"),
  );
  role("one").replaceChildren(
    matrix("side_by_side", "[X, H]", "left", { columns: joined }), sign("×"), matrix("stacked", "[W_xh; W_hh]", "right", { rows: joined }),
    sign("="), matrix("product", "[X, H] [W_xh; W_hh]", "result"),
  );
  for (const table of queryAll(panel, "[data-kind=result]")) {
    table.tabIndex = 0;
    table.setAttribute("aria-label", words["products.result"] ?? "");
    table.addEventListener("pointerover", ({ target }) => {
      if (target instanceof HTMLElement && target.dataset.row) light(Number(target.dataset.row), Number(target.dataset.column));
    });
    table.addEventListener("keydown", walk);
  }
  role("sizes").textContent = words["products.fits"] ?? "";
  role("difference").textContent = value.difference;
  light(at.row, at.column);
}

// Light up the row and the column that made one number, and write its sum out.
/** @param {number} row @param {number} column */
function light(row, column) {
  at = { row, column };
  for (const table of queryAll(panel, "[data-kind]")) {
    const { kind } = table.dataset;
    for (const cell of queryAll(table, "tbody td")) {
      const fits = (kind === "right" || Number(cell.dataset.row) === row) && (kind === "left" || Number(cell.dataset.column) === column);
      cell.classList.toggle("lit", fits);
    }
  }
  const terms = value.side_by_side[row].map((left, k) => `${decimal(left, digits)}·${decimal(value.stacked[k][column], digits)}`.replaceAll("·−", "·(−").replace(/·\(−[\d.]+/, "$&)"));
  role("made").textContent = `${terms.join("  +  ")}  =  ${decimal(value.product[row][column], digits)}`;
}

/** @param {KeyboardEvent} event */
function walk(event) {
  /** @type {Record<string, [number, number]>} */
  const STEPS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
  const [down, right] = STEPS[event.key] ?? [0, 0];
  if (!down && !right) return;
  event.preventDefault();
  const bounded = (/** @type {number} */ place, /** @type {number} */ count) => Math.max(0, Math.min(count - 1, place));
  light(bounded(at.row + down, value.total.length), bounded(at.column + right, value.total[0].length));
}

/** @param {PanelContext<any>} context */
export function attach(context) {
  [panel, role] = [context.element, roles(context.element)];
  followValue(context, ".exhibit", draw);
}
