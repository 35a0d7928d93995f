// @ts-check
// The rows of a run of hello, sorted, without the page.

/** @import { HelloPointRow, HelloRow, HelloStartedRow, LookRow } from "../../frontend/types.d.ts" */

/**
 * @typedef {object} Log
 * @property {HelloStartedRow | null} started
 * @property {LookRow[]} looks the epochs of which there are weights and a walk through the word
 * @property {(HelloPointRow | LookRow)[]} points of the curve
 * @property {number} limit the largest number: it has the full colour in every heatmap of the run
 */

/** @returns {Log} */
export const emptyLog = () => ({ started: null, looks: [], points: [], limit: 1 });

/** @param {HelloPointRow} row @returns {number} its place on the curve; the trained network comes after the last epoch */
export const place = (row) => (row.kind === "finished" ? row.epoch + 1 : row.epoch);

/**
 * Add rows to a log.
 * @param {Log} log
 * @param {HelloRow[]} rows
 */
export function addRows(log, rows) {
  for (const row of rows) {
    if (row.kind === "started") { log.started = row; continue; }
    if (row.loss === undefined) continue;
    log.points.push(row);
    if (!("steps" in row)) continue;
    log.looks.push(row);
    const numbers = [row.weight_ih, row.weight_hh, row.bias_ih, row.bias_hh, row.steps.map((step) => step.sum)].flat(2);
    log.limit = numbers.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), log.limit);
  }
}

/**
 * Tell whether the word is spelled at the look `shown`, and since which epoch it is spelled for good.
 * @param {LookRow[]} looks
 * @param {string} target
 * @param {number} shown
 * @returns {{ key: "missed" | "spelled" | "not_yet", spelled: number | undefined }}
 */
export function spelling(looks, target, shown) {
  const wrong = looks.findLastIndex((row) => row.predicted !== target), spelled = looks[wrong + 1]?.epoch;
  return { key: spelled === undefined ? "missed" : shown > wrong ? "spelled" : "not_yet", spelled };
}
