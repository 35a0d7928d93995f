// @ts-check
// A matrix as a table of coloured numbers.

import { decimal } from "./numbers.js";
import { make } from "./page.js";

/** @typedef {number | null} Value */

/**
 * @typedef {object} HeatmapOptions
 * @property {Value[] | Value[][]} values a vector, which is shown as a column, or rows
 * @property {"signed" | "probability" | "plain"} [scale] "signed" is one diverging scale with 0 in the middle
 * @property {number} [limit] the value of the full colour; by default the largest
 * @property {number} [digits]
 * @property {string[]} [rows] headings
 * @property {string[]} [columns] headings
 * @property {string} [caption]
 * @property {string} [shape]
 * @property {{ row?: number, column?: number }} [lit] the row, the column or the cell that is marked
 */

/** @param {Value[][]} matrix */
const largestOf = (matrix) =>
  matrix.flat().reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);

/**
 * Make the table. A cell carries data-row and data-column, and its exact value as a title.
 * @param {HeatmapOptions} options
 */
export function heatmap({ values, scale = "signed", limit, digits = 2, rows, columns, caption = "", shape = "", lit = {} }) {
  const matrix = values.map((row) => (Array.isArray(row) ? row : [row]));
  const full = limit ?? (largestOf(matrix) || 1);
  const table = make("table", `heat ${scale}`);
  table.createCaption().append(make("b", "", caption), ` ${shape}`);
  if (columns) headColumns(table, columns, Boolean(rows), lit.column);
  const body = table.createTBody();
  matrix.forEach((row, i) => {
    const line = body.insertRow();
    if (rows) line.append(Object.assign(make("th", "", rows[i]), { scope: "row" }));
    row.forEach((value, j) => {
      const cell = line.insertCell();
      const exact = scale === "plain" || (Number.isInteger(value) && Math.abs(value) < 1e6);
      cell.textContent = exact ? String(value) : decimal(value, digits);
      cell.title = String(value);
      Object.assign(cell.dataset, { row: i, column: j });
      if (scale !== "plain") {
        cell.style.setProperty("--strength", Math.min(1, Number.isNaN(value) ? 0 : Math.abs(value ?? Infinity) / full).toFixed(3));
        if (value < 0) cell.classList.add("negative");
      }
      if ((lit.row ?? i) === i && (lit.column ?? j) === j && (lit.row !== undefined || lit.column !== undefined)) cell.classList.add("lit");
    });
  });
  return table;
}

/**
 * @param {HTMLTableElement} table
 * @param {string[]} columns
 * @param {boolean} withCorner whether the rows have headings as well
 * @param {number | undefined} lit
 */
function headColumns(table, columns, withCorner, lit) {
  const head = table.createTHead().insertRow();
  if (withCorner) head.insertCell().className = "corner";
  columns.forEach((name, j) => {
    const blank = !name.trim(); // a blank one heads nothing
    const cell = blank ? make("td", "", name) : Object.assign(make("th", "", name), { scope: "col" });
    if (lit === j) cell.classList.add("lit");
    head.append(cell);
  });
}
