// @ts-check
// A horizontal axis that grows with a run, in steps, as `rnnlab/figures/growing_axis.py` defines it.

/** @import { Plot } from "../../frontend/types.d.ts" */

const FIRST_EPOCHS = 4, NEAR_THE_END = 1.25, MARGIN = 1.02, WHOLE = 10;

/**
 * Return the epoch at which the axis ends when `done` of the planned `epochs` are drawn.
 * @param {number} done
 * @param {number} epochs
 */
export function axisEnd(done, epochs) {
  let end = FIRST_EPOCHS;
  while (end < done) end *= 2;
  return end * NEAR_THE_END >= epochs ? epochs : end;
}

/**
 * Tell whether a range is one of those that the axis has had, and not one that somebody has chosen.
 * @param {number[]} range
 * @param {number} end the epoch at which the axis ends now
 */
export function isOwnRange([low, high], end) {
  if (low !== 0) return false;
  for (let step = FIRST_EPOCHS; step < end; step *= 2) if (high === MARGIN * step) return true;
  return high === MARGIN * end;
}

/**
 * Let the axis of a plot end where the run is, or a longer one that is shown behind it (`meta.beside`), unless somebody
 * has zoomed; it is seen at the next drawing.
 * @param {Plot} plot
 * @param {number} done epochs
 * @param {number} epochs that are planned
 */
export function growAxis(plot, done, epochs) {
  const { xaxis, meta } = plot.layout, beside = meta.beside ?? 0, before = meta.end;
  const end = (meta.end = axisEnd(Math.max(done, beside), Math.max(epochs, beside)));
  meta.middle = end / 2;
  const isBefore = before && xaxis.range[0] === 0 && xaxis.range[1] === MARGIN * before;
  if (isBefore || [end, axisEnd(done, epochs)].some((own) => isOwnRange(xaxis.range, own))) Object.assign(xaxis, { range: [0, MARGIN * end], dtick: end <= WHOLE ? 1 : null });
}
