// @ts-check
// Names of lines at their right end, with their last number, in place of a legend, as `rnnlab/figures/end_labels.py`
// defines them, for the size that the plot has here. A line that ends within the plot has its label there, as far as
// there is room; the others have theirs in the right margin. Labels that would overlap are moved apart.

import { isVisible } from "./bounds.js";
import { number } from "./numbers.js";
import { isProjected } from "./page.js";

/** @import { BoundsMeta, LineEnd, Plot, Trace } from "../types.d.ts" */

const NARROW = 35; // times the size of its text; a plot that is less wide has labels of two lines, without the minor ones
const SMALLER = 0.86; // the size of labels there, times that of other text, except for the back row
const LINE_HEIGHT = 1.3, GAP = 8; // as in Python
const MARGIN_STEP = 10; // px: the margin has few widths, so that a digit more does not move the axis
const WIDEST = "88,888"; // the number for which the margin has room from the beginning

/**
 * Move places on a line apart to a distance of `gap` and into [low, high], by least squares; the order is kept.
 * @param {number[]} places
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 * @returns {number[]}
 */
export function spread(places, gap, low, high) {
  const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b]);
  /** @type {{ mean: number, count: number }[]} of the first label's wanted place, and the labels: each block is contiguous */
  const blocks = [];
  order.forEach((i, rank) => {
    let mean = places[i] - rank * gap, count = 1;
    while (blocks.length && blocks[blocks.length - 1].mean > mean) {
      const before = blocks.pop();
      mean = (before.mean * before.count + mean * count) / (before.count + count);
      count += before.count;
    }
    blocks.push({ mean, count });
  });
  const top = Math.max(low, high - (places.length - 1) * gap);
  const firsts = blocks.flatMap(({ mean, count }) => Array(count).fill(Math.min(Math.max(mean, low), top)));
  const moved = Array(places.length).fill(0);
  order.forEach((i, rank) => { moved[i] = firsts[rank] + rank * gap; });
  return moved;
}

const canvas = typeof document === "undefined" ? null : document.createElement("canvas").getContext("2d");

/**
 * Find the height of a line at the right end of the axis, beyond which it may go on.
 * @param {Trace} trace
 * @param {LineEnd} end
 * @returns {(right: number) => number | null}
 */
const heightOf = (trace, end) => (right) => {
  const at = end.x <= right || trace.meta?.baseline ? -1 : trace.x.findLastIndex((/** @type {number} */ x) => x <= right);
  return at < 0 ? end.y : trace.y[at];
};

/**
 * Choose the labels: of the visible lines that have an end within the vertical axis.
 * @param {Trace[]} data
 * @param {BoundsMeta} meta
 * @param {boolean} isNarrow
 */
const labelled = (data, meta, isNarrow) => data.flatMap((trace) => {
  const end = meta.ends[trace.uid];
  if (!isVisible(trace) || !end || end.x === null || (end.y !== null && end.y <= 0) || (end.minor && isNarrow)) return [];
  const own = end.text || `${trace.name} ${number(end.y, 4)}`;
  const text = isNarrow ? own.replace(/ (\S+)$/, "<br>$1") : own;
  const widest = end.text || `${trace.name} ${WIDEST}`;
  const color = trace.meta?.baseline ? undefined : trace.line?.color;
  return [{ uid: trace.uid, text, widest: [text, isNarrow ? widest.replace(/ (\S+)$/, "<br>$1") : widest], color, faint: trace.opacity < 1, end, y: heightOf(trace, end) }];
});

/**
 * Compute the annotations and the right margin that label a plot's lines at their ends.
 * @param {Plot} plot that is drawn, or the size and the style of one that will be
 * @param {Trace[]} data
 * @param {Record<string, any>} layout
 * @returns {{ annotations: any[], margin: number } | null} null where no line has a label
 */
export function endLabels(plot, data, layout) {
  const meta = /** @type {BoundsMeta} */ (layout.meta);
  if (!meta?.ends || !Object.keys(meta.ends).length) return null;
  const width = plot.clientWidth || 760, textSize = layout.font?.size ?? 16, isNarrow = width < NARROW * textSize;
  const size = Math.round(textSize * (isNarrow && !isProjected() ? SMALLER : 1));
  const labels = labelled(data, meta, isNarrow);
  const style = getComputedStyle(plot);
  canvas.font = `600 ${size}px ${layout.font?.family ?? style.fontFamily}`;
  const widthOf = (/** @type {string} */ text) => Math.max(...text.split("<br>").map((line) => canvas.measureText(line).width));
  const widest = Math.max(0, ...labels.flatMap((label) => label.widest.map(widthOf)));
  const margin = MARGIN_STEP * Math.ceil((widest + GAP + 6) / MARGIN_STEP);

  const drawn = plot._fullLayout?._size; // px between the axes
  const inner = { width: drawn?.w ? drawn.w + drawn.r - margin : width - 90 - margin, height: drawn?.h || plot.clientHeight - 70 || 300 };
  const [left, right] = layout.xaxis.range, [low, high] = layout.yaxis.range;
  const background = style.getPropertyValue("--body-background-fill").trim();
  const placed = labels.map((label) => {
    const x = (inner.width * (label.end.x - left)) / (right - left);
    const value = Math.log10(Math.min(label.y(right) ?? Infinity, meta.ceiling));
    const isInside = x >= 0 && x + 2 * GAP + widthOf(label.text) <= inner.width;
    return { ...label, x, isInside, y: (inner.height * (value - low)) / (high - low) };
  }).filter(({ x, y }) => x >= 0 && y >= -1 && y <= inner.height + 1);
  const gap = size * LINE_HEIGHT * (isNarrow ? 2.1 : 1);
  const annotations = [true, false].flatMap((inside) => {
    const group = placed.filter(({ isInside }) => isInside === inside);
    const places = spread(group.map(({ y }) => y), gap, 0, inner.height);
    return group.map(({ uid, text, color, faint, x }, i) => ({
      name: uid,
      text,
      x: inside ? x / inner.width : 1,
      xref: "paper", xanchor: "left", xshift: inside ? 1.5 * GAP : GAP,
      y: places[i] / inner.height,
      yref: "paper", yanchor: "middle",
      showarrow: false, align: "left", borderpad: 0,
      font: { size, ...(color ? { color, weight: faint ? 400 : 600 } : {}) },
      opacity: faint ? 0.85 : 1,
      ...(inside && background ? { bgcolor: background } : {}),
    }));
  });
  return { annotations, margin };
}

/**
 * Compute what a drawn plot's layout lacks: the labels for the size and the range that it has now.
 * @param {Plot} plot
 * @returns {Record<string, any>} changes of the layout; {} if the labels are right
 */
export function labelChanges(plot) {
  const labels = endLabels(plot, plot.data, plot.layout);
  if (!labels) return {};
  const { annotations, margin } = plot.layout;
  const isSame = margin.r === labels.margin && JSON.stringify(annotations) === JSON.stringify(labels.annotations);
  return isSame ? {} : { annotations: labels.annotations, "margin.r": labels.margin };
}
