// @ts-check
// What the panel of the adding problem computes from the rows, without the page: the points of each network at each
// length, how each has ended, and what the state's sentence says.

/** @import { AddingOutcome, AddingRow, AddingStartedRow, AddingFinishedRow, Points } from "../../frontend/types.d.ts" */

/**
 * @typedef {object} Run
 * @property {AddingStartedRow | null} started
 * @property {number[]} lengths those that have begun
 * @property {Map<string, Points>} tests errors by minibatch, by "length model"
 * @property {Map<string, AddingOutcome>} outcomes by "length model"
 * @property {AddingFinishedRow | null} finished
 */

/** @returns {Run} */
export const emptyRun = () => ({ started: null, lengths: [], tests: new Map(), outcomes: new Map(), finished: null });

/** @param {number} length @param {string} model */
const keyOf = (length, model) => `${length} ${model}`;

/**
 * Add rows to a run, in place.
 * @param {Run} run
 * @param {AddingRow[]} rows
 */
export function take(run, rows) {
  for (const row of rows) {
    switch (row.kind) {
      case "started": Object.assign(run, emptyRun(), { started: row }); break;
      case "length":
        run.lengths.push(row.length);
        for (const model of row.models) run.tests.set(keyOf(row.length, model), { x: [], y: [] });
        break;
      case "measured": {
        const points = run.tests.get(keyOf(row.length, row.model));
        points.x.push(row.step);
        points.y.push(row.error);
        break;
      }
      case "outcome": run.outcomes.set(keyOf(row.length, row.model), row); break;
      case "finished": run.finished = row;
    }
  }
}

/** @param {Run} run */
export const newestLength = (run) => run.lengths.at(-1) ?? run.started?.lengths[0] ?? 0;

/** @param {Run} run @param {number} length @param {string} model */
export const testsOf = (run, length, model) => run.tests.get(keyOf(length, model)) ?? null;
/** @param {Run} run @param {number} length @param {string} model */
export const outcomeOf = (run, length, model) => run.outcomes.get(keyOf(length, model)) ?? null;

/** How many points of each network at a length there are. @param {Run} run @param {number} length @returns {Record<string, number>} */
export const countsOf = (run, length) =>
  Object.fromEntries((run.started?.models ?? []).map((model) => [model, testsOf(run, length, model)?.x.length ?? 0]));

/**
 * Return the points of the curves of one length by their uid.
 * @param {Run} run
 * @param {number} length
 * @param {Record<string, number>} [from] how many of each network are drawn already
 * @returns {Record<string, Points>}
 */
export function pointsOf(run, length, from = {}) {
  /** @type {Record<string, Points>} */
  const found = {};
  for (const model of run.started?.models ?? []) {
    const points = testsOf(run, length, model), first = from[model] ?? 0;
    if (!points || points.x.length <= first) continue;
    found[`error.${model}`] = { x: points.x.slice(first), y: points.y.slice(first).map((y) => y ?? Infinity) };
  }
  return found;
}

/** The minibatches of the network that has seen most. @param {Run} run @param {number} length */
export const stepsAt = (run, length) => Math.max(0, ...(run.started?.models ?? []).map((model) => testsOf(run, length, model)?.x.at(-1) ?? 0));

/**
 * Return where the axis ends: at a round number beyond the last minibatch, so that it rarely changes while points come;
 * close to the last one when all networks have ended at that length.
 * @param {Run} run
 * @param {number} length
 */
export function endOfAxis(run, length) {
  const last = stepsAt(run, length), tried = (run.started?.models ?? []).filter((model) => testsOf(run, length, model));
  if (!last) return 100;
  if (tried.every((model) => outcomeOf(run, length, model))) return 1.02 * last;
  const power = 10 ** Math.floor(Math.log10(last));
  return Math.max(100, power * ([1, 2, 3, 5, 7, 10].find((times) => times * power >= 1.05 * last) ?? 20));
}

/** @param {Run} run @param {number} length */
export const overAt = (run, length) => (run.started?.models ?? []).filter((model) => outcomeOf(run, length, model)?.end === "finish");

/**
 * Choose the words for the state of a run, as the key after "state.".
 * @param {string} state
 * @param {Run} run
 */
export function stateKey(state, run) {
  if (state === "stopped" && !run.tests.size) return "stopped_at_once";
  if (state !== "finished") return state;
  if ((run.started?.lengths.length ?? 0) > 1) return "finished_growing";
  return overAt(run, newestLength(run)).length ? "finished" : "finished_none";
}

/**
 * Return the longest row that a network has learned so far; null: none.
 * @param {Run} run
 * @param {string} model
 */
export const longestOf = (run, model) => run.lengths.findLast((length) => outcomeOf(run, length, model)?.end === "finish") ?? null;
