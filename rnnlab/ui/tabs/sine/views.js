// @ts-check
// One moment of sin → cos in its figures: the waves up to a window, and the mark in the loss figure.

import { errorOf, MEMORIES, wavesOf } from "./waves.js";

/** @import { Plot, WaveRow } from "../../frontend/types.d.ts" */

/** @typedef {{ first: number, layout: Record<string, any> }} View the first window that is drawn, and the axis */

const IN_VIEW = 4; // windows side by side while it learns
const ALONE_IN_VIEW = 12; // and in the free run, the last window of training included

/** @param {number} x0 @param {number} x1 @param {string} xref */
const ground = (x0, x1, xref) => ({
  type: "rect", layer: "below", xref, x0, x1, yref: "paper", y0: 0, y1: 1, line: { width: 0 }, fillcolor: "rgba(128, 128, 128, 0.15)",
});

/**
 * While it learns the last windows scroll by; the newest is always the last quarter of the picture.
 * @param {number} window
 * @param {boolean} isSetUp whether the figure has this view already
 * @returns {View}
 */
export function learningView(window, isSetUp) {
  const width = IN_VIEW + 0.06, shapes = [ground((IN_VIEW - 0.97) / width, (IN_VIEW + 0.03) / width, "paper")];
  const setUp = isSetUp ? {} : { "xaxis.dtick": 1, shapes };
  return { first: Math.max(1, window - IN_VIEW + 1), layout: { "xaxis.range": [window - IN_VIEW - 0.03, window + 0.03], ...setUp } };
}

/**
 * In the free run the windows fill a picture that stands still.
 * @param {number} window
 * @param {number} total windows of training
 * @param {number} alone windows of the free run
 * @returns {View}
 */
export function aloneView(window, total, alone) {
  const last = Math.min(total + alone, Math.max(window, total - 1 + ALONE_IN_VIEW)), first = Math.max(total, last - ALONE_IN_VIEW + 1);
  return { first, layout: { "xaxis.range": [first - 1.03, last + 0.03], "xaxis.dtick": 2, shapes: [ground(window - 1, window, "x")] } };
}

/**
 * Fill a wave figure up to a window.
 * @param {Plot} plot
 * @param {WaveRow[]} rows by window
 * @param {number} window
 * @param {View} view
 * @param {import("./waves.js").Sampling} sampling
 */
export function drawWave(plot, rows, window, { first, layout }, sampling) {
  const { x, y } = wavesOf(rows, first, window, sampling);
  const lines = /** @type {Record<string, (number | null)[]>} */ (y);
  return globalThis.Plotly.update(plot, { x: plot.data.map(() => x), y: plot.data.map(({ uid }) => lines[uid]) }, layout);
}

/**
 * Mark a window in the loss figure: an upright line and a ring for each memory lie over the plot, which then need not be
 * drawn anew.
 * @param {HTMLElement} element
 * @param {Plot} plot
 * @param {HTMLElement} upright
 * @param {number} window
 * @param {Record<string, WaveRow[]>} waves
 */
export function markWindow(element, plot, upright, window, waves) {
  const { xaxis, yaxis } = plot._fullLayout;
  /** @param {HTMLElement} node @param {number} x @param {number} y */
  const put = (node, x, y) => {
    node.hidden = !(x >= 0 && x <= xaxis._length && y >= 0 && y <= yaxis._length);
    node.style.transform = `translate(${xaxis._offset + x}px, ${yaxis._offset + y}px)`;
  };
  put(upright, xaxis.d2p(window), 0);
  upright.style.height = `${yaxis._length}px`;
  for (const memory of MEMORIES) {
    const row = waves[memory][window - 1];
    const ring = /** @type {HTMLElement} */ (element.querySelector(`.ring[data-memory=${memory}]`));
    put(ring, xaxis.d2p(window), row ? yaxis.d2p(errorOf(row)) : NaN);
  }
}
