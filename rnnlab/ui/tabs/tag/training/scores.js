// @ts-check
// The scores of a tagger as tables: a row for each word, a column for each tag.

import { heatmap } from "../../../frontend/lib/heatmap.js";
import { decimal } from "../../../frontend/lib/numbers.js";
import { make, queryAll } from "../../../frontend/lib/page.js";
import { fill } from "../../../frontend/lib/text.js";

/** @import { ScoresRow, Words } from "../../../frontend/types.d.ts" */

/**
 * @typedef {object} Look
 * @property {"log" | "p"} unit
 * @property {boolean} compact for many tags
 * @property {Set<string>} ambiguous words that are marked
 * @property {(tag: string) => string} nameOf
 * @property {Words} words
 */

/** @param {number} p @param {number | null} log @param {Look} look */
function written(p, log, { unit, compact }) {
  if (unit === "log") return log === null ? "−∞" : decimal(log, compact ? 0 : 2);
  return compact ? (p < 0.005 ? "" : (100 * p).toFixed(0)) : p.toFixed(2);
}

/**
 * Make the table of one sentence.
 * @param {ScoresRow} row
 * @param {Look} look
 */
export function scoresTable(row, look) {
  const { unit, compact, ambiguous, nameOf, words } = look;
  const p = row.log_probs.map((line) => line.map((log) => (log === null ? 0 : Math.exp(log))));
  const caption = words[compact ? `${unit}_rounded` : unit], shape = `(${row.tokens.length}, ${row.tags.length})`;
  const table = heatmap({ values: p, scale: "probability", limit: 1, rows: row.tokens, columns: row.tags, caption, shape });
  if (compact) table.classList.add("compact");
  queryAll(table, "thead th").forEach((cell, k) => nameOf(row.tags[k]) !== row.tags[k] && cell.append(make("small", "", nameOf(row.tags[k]))));
  queryAll(table, "tbody th").forEach((cell, i) => {
    cell.dir = "auto";
    cell.classList.toggle("lit", ambiguous.has(row.tokens[i]));
  });
  for (const cell of queryAll(table, "tbody td")) {
    const [i, k] = [Number(cell.dataset.row), Number(cell.dataset.column)], log = row.log_probs[i][k];
    const facts = { word: row.tokens[i], tag: nameOf(row.tags[k]), p: p[i][k].toFixed(4), log: log === null ? "−∞" : log.toFixed(4) };
    cell.textContent = written(p[i][k], log, look);
    cell.title = fill(words.cell, facts);
    cell.classList.toggle("gold", row.tags[k] === row.gold[i]);
    cell.classList.toggle("best", p[i][k] === Math.max(...p[i]));
  }
  return table;
}
