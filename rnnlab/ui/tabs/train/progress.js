// @ts-check
// What the live panel says of a run beside its curve: how far a long epoch is, how long the rest takes, which epoch is
// kept, and what of it could not be kept.

import { number } from "../../frontend/lib/numbers.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { EpochProgress, TrainNews, Words } from "../../frontend/types.d.ts" */

/** @param {Words} words @param {number} s seconds */
export function duration(words, s) {
  const [unit, n] = s < 60 ? ["seconds", Math.ceil(s)] : s < 3600 ? ["minutes", Math.ceil(s / 60)] : ["hours", number(s / 3600, 3)];
  return fill(words[unit], { n });
}

/**
 * Write the speed of an epoch; a recorded run has none, for it was trained on another machine.
 * @param {{ tokens_per_second: number | null }} row
 */
export const speedText = ({ tokens_per_second: speed }) => (speed === null ? "–" : number(speed));

/**
 * Say how far an epoch is.
 * @param {Words} words
 * @param {EpochProgress} progress
 * @param {number | null} heldOut the last interim evaluation
 */
export function progressText(words, { epoch, step, steps }, heldOut) {
  const key = heldOut === null ? "progress" : "progress.held_out";
  const values = { step: number(step, 9), steps: number(steps, 9), held_out: heldOut && number(heldOut, 4) };
  return fill(words[key], { epoch, ...values });
}

/**
 * Say which epoch is kept.
 * @param {Words} words
 * @param {{ epoch: number, held_out_perplexity?: number | null } | null} kept null: there is no held-out text
 */
export const keptText = (words, kept) => (kept ? fill(words.kept, { n: kept.epoch, held_out: number(kept.held_out_perplexity, 4) }) : words["kept.none"]);

/** Say what of a run could not be kept. @param {TrainNews} news @param {Words} words @returns {string} */
export function warningOf({ not_saved, recording_ended, recording_dropped }, words) {
  if (not_saved) return fill(words.not_saved, { reason: not_saved });
  if (recording_ended) return fill(words.recording_ended, { reason: recording_ended });
  return (recording_dropped && words.recording_dropped) || "";
}
