// @ts-check
// The ids of a visitor's last runs, newest first, as this browser keeps them. An id is the visitor's secret: it stands in
// the browser's storage, beside that of the current run, and nowhere else.

/**
 * @typedef {object} EarlierRun
 * @property {string} id
 * @property {number} n how many runs this browser had begun by then
 * @property {string} name given by the visitor; "" for none
 * @property {boolean} shown behind the curve
 */

export const MAX_RUNS = 10;
export const MAX_NAME = 40; // characters
const KEY = "rnnlab_earlier";

/**
 * Add a run at the front; a run that is there already stays where it is.
 * @param {EarlierRun[]} runs
 * @param {string} id
 * @returns {EarlierRun[]}
 */
export function added(runs, id) {
  if (runs.some((run) => run.id === id)) return runs;
  const n = 1 + Math.max(0, ...runs.map((run) => run.n));
  return [{ id, n, name: "", shown: false }, ...runs].slice(0, MAX_RUNS);
}

/**
 * Change one run of the list.
 * @param {EarlierRun[]} runs
 * @param {string} id
 * @param {Partial<EarlierRun>} changes
 * @returns {EarlierRun[]}
 */
export const changed = (runs, id, changes) => runs.map((run) => (run.id === id ? { ...run, ...changes } : run));

/**
 * Remove a run from the list.
 * @param {EarlierRun[]} runs
 * @param {string} id
 * @returns {EarlierRun[]}
 */
export const removed = (runs, id) => runs.filter((run) => run.id !== id);

/** @param {any} run @returns {run is EarlierRun} */
const isRun = (run) => typeof run?.id === "string" && Number.isInteger(run.n) && typeof run.name === "string" && typeof run.shown === "boolean";

/**
 * Read the list; what is not a list of runs is none.
 * @returns {EarlierRun[] | null} null where the browser lets nothing be stored
 */
export function readRuns() {
  let text;
  try { text = localStorage.getItem(KEY); } catch { return null; }
  try {
    const stored = JSON.parse(text ?? "[]");
    return Array.isArray(stored) ? stored.filter(isRun).slice(0, MAX_RUNS) : [];
  } catch { return []; }
}

/**
 * Store the list; where the browser lets nothing be stored, the page alone has it.
 * @param {EarlierRun[]} runs
 */
export function writeRuns(runs) {
  try { localStorage.setItem(KEY, JSON.stringify(runs)); } catch { /* the page keeps its own copy */ }
}

/** @param {() => void} then called when another tab of this browser changes the list @param {AbortSignal} signal ends it */
export const onOtherTab = (then, signal) => addEventListener("storage", ({ key }) => { if (key === KEY) then(); }, { signal });
