// @ts-check
// What the live panel computes from the rows of a run, without the page.

/** @import { EpochProgress, EpochRow, Points, TrainNews, TrainRow } from "../../frontend/types.d.ts" */

const TOLERANCE = 1.05; // times the uniform guess: a run that begins is a little above it by chance
const MIN_RECENT = 5; // minibatches by which an epoch that is not whole yet can be judged

/** @param {TrainRow} row */
export const changesBaselines = (row) => row.kind === "start" || row.kind === "baselines";

/**
 * Tell whether a run does worse than guessing uniformly: by its newest minibatches, else by its last epoch.
 * @param {number | null} uniform the perplexity of that guess
 * @param {(number | null)[]} recent perplexities of the newest minibatches of this epoch
 * @param {number | null} last perplexity of the last whole epoch; null before there is one
 */
export function isWorseThanUniform(uniform, recent, last) {
  if (!uniform) return false;
  if (recent.length < MIN_RECENT) return last !== null && !(last <= TOLERANCE * uniform);
  const logs = recent.map((perplexity) => Math.log(perplexity ?? Infinity));
  return logs.reduce((sum, log) => sum + log, 0) / logs.length > Math.log(TOLERANCE * uniform);
}

/**
 * Choose the words for a run's state, as the key after "state.".
 * @param {TrainNews} news
 * @param {{ worse: boolean, epoch: number, hasNewRate: boolean }} facts
 * @returns {string}
 */
export function stateKey({ state, diverged, why, stopped_early, test_perplexity }, { worse, epoch, hasNewRate }) {
  if (worse) return state === "running" ? "worse" : "worse_ended";
  if (state === "diverged" && !diverged?.kept_epoch) return "diverged_at_once";
  if (state === "stopped" && !epoch) return "stopped_at_once";
  if (state === "paused" && why) return why;
  if (state === "finished" && test_perplexity) return "finished_tested";
  if (state === "finished" && stopped_early) return "finished_early";
  return state === "running" && hasNewRate ? "changed" : state;
}

/**
 * Measure the seconds that an epoch takes on this page's clock; before a second epoch, as the server measured it.
 * @param {Pick<EpochRow, "epoch" | "seconds">} row
 * @param {{ epoch: number, at: number }} since
 * @param {number} now milliseconds
 */
export function secondsPerEpoch(row, since, now) {
  const passed = row.epoch - since.epoch;
  return passed ? (now - since.at) / 1000 / passed : row.seconds;
}

/**
 * Estimate the seconds until the end of a run within an epoch.
 * @param {EpochProgress} progress
 * @param {number} epochs that are planned
 * @param {number | null} perEpoch seconds that an epoch takes; null before the end of the first
 */
export function secondsLeft({ epoch, step, steps, seconds }, epochs, perEpoch) {
  const done = step / steps;
  return (perEpoch ?? seconds / done) * Math.max(0, epochs - epoch + 1 - done);
}

/**
 * Choose the kept epoch: the one with the lowest held-out perplexity, the first of equals.
 * @template {{ epoch: number, held_out_perplexity?: number | null }} Row
 * @param {Row | null} kept the one so far
 * @param {Row} row a new epoch
 */
export function betterOf(kept, row) {
  if ((row.held_out_perplexity ?? null) === null) return kept;
  return kept && kept.held_out_perplexity <= row.held_out_perplexity ? kept : row;
}

/**
 * Sort rows into the points that they add to the traces "minibatch", "training" and "held_out", and the changes of the
 * learning rate, each where the curve is.
 * @param {TrainRow[]} rows
 * @param {{ x: number, y: number | null }} start the end of the curve so far
 * @param {boolean} hasHeldOut
 */
export function pointsOf(rows, start, hasHeldOut) {
  /** @type {Record<string, Points>} */
  const points = {};
  /** @type {{ x: number, y: number | null, rate: number }[]} */
  const changes = [];
  /** @param {string} uid @param {number} x @param {number | null} y */
  const add = (uid, x, y) => {
    points[uid] ??= { x: [], y: [] };
    points[uid].x.push(x);
    points[uid].y.push(y ?? Infinity);
  };
  let end = start;
  for (const row of rows) {
    if (row.kind === "step") add("minibatch", row.x, row.y), end = { x: row.x, y: row.y };
    else if (row.kind === "changed") changes.push({ ...end, rate: row.learning_rate });
    else if (row.kind === "epoch") {
      add("training", row.epoch, row.perplexity);
      if (hasHeldOut) add("held_out", row.epoch, row.held_out_perplexity);
    }
  }
  return { points, changes };
}
