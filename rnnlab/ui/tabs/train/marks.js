// @ts-check
// Marks on the curve that come while it grows: changes of the learning rate, and the kept epoch.

import { traceOf } from "../../frontend/lib/bounds.js";
import { number } from "../../frontend/lib/numbers.js";

/** @import { Trace } from "../../frontend/types.d.ts" */

/**
 * Mark where another learning rate began, within the vertical axis.
 * @param {Trace[]} data
 * @param {{ x: number, y: number | null, rate: number }[]} changes
 * @param {{ minallowed: number, maxallowed: number }} axis exponents of ten
 */
export function markChanges(data, changes, { minallowed, maxallowed }) {
  const trace = traceOf(data, "changed");
  const within = (/** @type {number | null} */ y) => Math.min(Math.max(y ?? Infinity, 10 ** minallowed), 10 ** maxallowed);
  for (const { x, y, rate } of changes) {
    trace.x = [...(trace.x ?? []), x];
    trace.y = [...(trace.y ?? []), within(y)];
    trace.text = [...(trace.text ?? []), `${trace.name} ${number(rate, 4)}`];
    trace.customdata = [...(trace.customdata ?? []), rate];
  }
}

/**
 * Ring the epoch whose weights are kept.
 * @param {Trace[]} data
 * @param {{ epoch: number, held_out_perplexity?: number | null }} kept
 */
export const markKept = (data, kept) => Object.assign(traceOf(data, "kept"), { x: [kept.epoch], y: [kept.held_out_perplexity] });
