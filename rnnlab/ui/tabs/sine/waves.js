// @ts-check
// The rows of a run of sin → cos, sorted, and what its figures show of them, without the page.

/** @import { Points, SineRow, WaveRow } from "../../frontend/types.d.ts" */

/** @typedef {{ points: number, phase: number }} Sampling samples of a window, and the phase of the target */

export const MEMORIES = ["carried", "reset", "bptt"]; // as in rnnlab/figures/sine.py
const MAX_WAVE = 1000; // as in rnnlab/figures/sine.py: of a sample that is drawn, for the picture ends at 1.6

/**
 * Compute the times of a window's samples in units of π, as rnnlab.experiments.sine.window_of does.
 * @param {number} window
 * @param {Sampling} sampling
 */
export const times = (window, { points }) => Array.from({ length: points }, (_, k) => window - 1 + k / (points - 1));

/** @param {WaveRow} row */
export const errorOf = (row) => (row.kind === "window" ? row.loss : row.error);

/** @param {number | null} value */
const drawable = (value) => (Math.abs(value ?? Infinity) <= MAX_WAVE ? value : null);

/**
 * Fill the wave figure's traces, "input", "target" and "prediction", over some windows, with gaps between them.
 * @param {WaveRow[]} rows by window
 * @param {number} first
 * @param {number} last
 * @param {Sampling} sampling
 */
export function wavesOf(rows, first, last, sampling) {
  /** @type {(number | null)[]} */
  const x = [];
  /** @type {Record<"input" | "target" | "prediction", (number | null)[]>} */
  const y = { input: [], target: [], prediction: [] };
  const all = Object.values(y);
  for (let window = first; window <= last; window++) {
    const row = rows[window - 1];
    if (!row) continue;
    if (x.length) for (const values of [x, ...all]) values.push(null);
    const at = times(window, sampling);
    x.push(...at);
    y.input.push(...row.input.map(drawable));
    y.target.push(...at.map((time) => drawable(Math.cos(Math.PI * time + sampling.phase))));
    y.prediction.push(...row.prediction.map(drawable));
  }
  return { x, y };
}

/**
 * Sort rows into the points that they add to the loss figure: for each memory the losses, and the means, which go on
 * after a gap as the errors of the free run.
 * @param {SineRow[]} rows
 * @param {number} total windows of training
 */
export function lossPoints(rows, total) {
  /** @type {Record<string, Points>} */
  const points = {};
  /** @param {string} uid @param {number} x @param {number | null} y */
  const add = (uid, x, y) => {
    points[uid] ??= { x: [], y: [] };
    points[uid].x.push(x);
    points[uid].y.push(y);
  };
  for (const row of rows) {
    if (row.kind !== "freerun" && row.kind !== "window") continue;
    const mean = `mean.${row.memory}`;
    if (row.kind === "window") add(`loss.${row.memory}`, row.window, row.loss ?? Infinity);
    else if (row.window === total + 1) add(mean, total + 0.5, null); // a gap
    add(mean, row.window, (row.kind === "window" ? row.mean_loss : row.error) ?? Infinity);
  }
  return points;
}

/**
 * Choose the words for a run's state, as the key after "state.".
 * @param {string} state
 * @param {{ replays: boolean, alone: boolean, known: number }} facts whether an ended run is played again, whether the
 *   network is alone at the window that is shown, and how many windows there are
 */
export function stateKey(state, { replays, alone, known }) {
  const hasEnded = ["recorded", "finished", "stopped", "diverged"].includes(state);
  if (replays && hasEnded) return alone ? "replay_alone" : "replay";
  return state === "stopped" && !known ? "stopped_at_once" : state;
}
