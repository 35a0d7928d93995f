// @ts-check
// The recorded run that the live panel shows while the visitor has none of its own: which one, and to train it.

import { recall, remember } from "../../frontend/lib/storage.js";
import { endWatching, watchedIn } from "../../frontend/lib/watch.js";

export const HOME = "curves/lyrics-zh"; // what is shown first
/** For a guide, from the panel: what is shown, and to show another run. @type {{ now: () => string, show: (reference: string) => void }} */
export const recordedCurve = { now: () => "", show() {} };
const STORAGE_KEY = "rnnlab_train_curve"; // of the recorded run that is shown, over a reload

/** @param {string} value the panel's @returns {string} what it shows when the page has been loaded */
export const firstReference = (value) => watchedIn("train") || (value === HOME ? recall(STORAGE_KEY) ?? HOME : value);

/** @returns {boolean} whether the panel shows another person's run, whatever is done on the page */
export const isWatched = () => Boolean(watchedIn("train"));

/**
 * The run that was watched is not shown: show what the page shows otherwise.
 * @param {string} why
 * @param {string} value the panel's
 * @param {(value: string) => void} follow
 */
export function stopWatching(why, value, follow) {
  endWatching(why);
  follow(firstReference(value));
}

/**
 * Show the title of a run, and beside that of a recorded one the button that trains it.
 * @param {Record<string, HTMLElement>} parts of the panel
 * @param {{ title: string, state: string }} run
 * @param {string} reference
 */
export function showTitle({ title, train_live: button }, run, reference) {
  const isRecorded = run.state === "recorded";
  title.textContent = run.title;
  button.hidden = !isRecorded;
  button.onclick = () => document.getElementById("train")?.click();
  if (!isWatched()) remember(STORAGE_KEY, isRecorded ? reference : null);
}
