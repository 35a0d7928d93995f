// @ts-check
// Which run a tab's panel shows, for other panels of the tab: the one that draws a run tells, the others follow.

/** @typedef {{ reference: string, epoch: number }} ShownRun a reference as in `run_stream.js`, and its whole epochs */

/** @type {Map<string, ShownRun>} by the name of the tab */
const shown = new Map();
/** @type {Map<string, Map<string, (run: ShownRun) => void>>} by the name of the tab, by their own */
const followers = new Map();

/**
 * Tell which run is shown, and how far it is.
 * @param {string} tab
 * @param {ShownRun} run
 */
export function tellShown(tab, run) {
  const before = shown.get(tab);
  if (before?.reference === run.reference && before.epoch === run.epoch) return;
  shown.set(tab, run);
  for (const then of followers.get(tab)?.values() ?? []) then(run);
}

/**
 * Call `then` with the run that is shown, now and at each change. A later call of the same follower replaces an earlier
 * one: Gradio may attach a panel anew.
 * @param {string} tab
 * @param {(run: ShownRun) => void} then
 * @param {string} who names the follower
 */
export function followShown(tab, then, who = "") {
  if (!followers.has(tab)) followers.set(tab, new Map());
  followers.get(tab).set(who, then);
  const run = shown.get(tab);
  if (run) then(run);
}
