// @ts-check
// A curve for the keyboard and the screen reader: arrow keys walk from point to point, each is said in the page's
// language, and a table on demand has the numbers. A plot takes part by `data-points`, the beginnings of the uids of
// its lines; `<details class="points" data-of="<role of the plot>">` in its panel becomes the table. The numbers are
// those of the figure. `data-points-keys="none"`: the panel has keys of its own.

import { isVisible } from "./bounds.js";
import { number } from "./numbers.js";
import { make, withWords } from "./page.js";
import { say } from "./speech.js";
import { fill } from "./text.js";

/** @import { Plot, Trace, Words } from "../types.d.ts" */
/** @typedef {{ name: string, x: number[], y: (number | null)[], uid: string }} Curve */

export const MAX_ROWS = 200; // of the table
const RING = 12; // px, half of the ring's width

/** A title without its unit or scale in brackets. @param {string | undefined} title */
export const plainTitle = (title) => (title ?? "").replace(/\s*[(（].*$/, "");

/**
 * The lines of a figure that can be read: visible ones with points, whose uids begin with one of `uids`.
 * @param {Trace[]} data
 * @param {string} uids separated by spaces
 * @returns {Curve[]}
 */
export const curvesOf = (data, uids) => data
  .filter((trace) => isVisible(trace) && trace.x?.length && uids.split(" ").some((start) => trace.uid === start || (start.endsWith(".") && trace.uid.startsWith(start))))
  .map(({ uid, name, x, y }) => ({ uid, name: name ?? uid, x: [...x], y: [...y] }));

/**
 * Rows for a table: each x with the value of every curve there, at most `most` of them, the first and the last included.
 * @param {Curve[]} curves
 * @param {number} [most]
 * @returns {{ rows: { x: number, values: (number | null | undefined)[] }[], total: number }} undefined: no point there
 */
export function rowsOf(curves, most = MAX_ROWS) {
  const all = [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b), last = all.length - 1;
  const shown = last < most ? all : Array.from({ length: most }, (_, i) => all[Math.round((i * last) / (most - 1))]);
  const values = curves.map(({ x, y }) => new Map(x.map((at, i) => [at, y[i]])));
  return { rows: shown.map((x) => ({ x, values: values.map((at) => at.get(x)) })), total: all.length };
}

/**
 * Where a key leads from a point: along its curve, or to the nearest point of the next curve.
 * @param {Curve[]} curves
 * @param {{ curve: number, point: number }} at
 * @param {string} key
 * @returns {{ curve: number, point: number } | null} null: the key does nothing here
 */
export function moved(curves, at, key) {
  const curve = Math.min(at.curve, curves.length - 1), { x } = curves[curve], point = Math.min(at.point, x.length - 1);
  const along = /** @type {Record<string, number>} */ ({ ArrowLeft: point - 1, ArrowRight: point + 1, Home: 0, End: x.length - 1 })[key];
  if (along !== undefined) return { curve, point: Math.max(0, Math.min(x.length - 1, along)) };
  const by = /** @type {Record<string, number>} */ ({ ArrowUp: -1, ArrowDown: 1 })[key];
  if (!by) return null;
  const next = (curve + by + curves.length) % curves.length, others = curves[next].x;
  const nearest = others.reduce((best, other, i) => (Math.abs(other - x[point]) < Math.abs(others[best] - x[point]) ? i : best), 0);
  return { curve: next, point: nearest };
}

/** @param {number | null | undefined} value @param {Words} words */
const written = (value, words) => (value === undefined ? "–" : value === null ? words.beyond : number(value, 4));

/** @param {Plot} plot */
const axesOf = ({ layout }) => ({ x_name: plainTitle(layout.xaxis?.title?.text), y_name: plainTitle(layout.yaxis?.title?.text) });

/**
 * Make a plot that is drawn readable; once for each.
 * @param {Plot} plot
 */
export function readPoints(plot) {
  const { points: uids, pointsKeys, role } = plot.dataset;
  if (uids === undefined) return;
  const curves = () => curvesOf(plot.data, uids);
  const table = /** @type {HTMLDetailsElement | null} */ (plot.closest(".block")?.querySelector(`details.points[data-of="${role}"]`));
  if (table) offerTable(plot, table, curves);
  if (pointsKeys !== "none") walkPoints(plot, curves);
}

/** @param {Plot} plot @param {() => Curve[]} curves */
function walkPoints(plot, curves) {
  const ring = make("i", "point-ring");
  let at = { curve: 0, point: Infinity };
  const leave = () => ring.remove();
  plot.tabIndex = 0;
  plot.addEventListener("keydown", (event) => {
    const known = curves();
    if (event.target !== plot || !known.length || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = moved(known, at, event.key);
    if (!next) return;
    event.preventDefault();
    at = next;
    const { name, x, y } = known[at.curve];
    placeRing(plot, ring, x[at.point], y[at.point]);
    withWords("chart", (words) => say(fill(words.point, { ...axesOf(plot), line: name, x: number(x[at.point], 4), y: written(y[at.point], words) })));
  });
  plot.addEventListener("blur", leave);
  plot.on("plotly_afterplot", leave);
}

/** @param {Plot} plot @param {HTMLElement} ring @param {number} x @param {number | null} y */
function placeRing(plot, ring, x, y) {
  const { xaxis, yaxis } = plot._fullLayout;
  plot.append(ring);
  ring.style.transform = `translate(${xaxis._offset + xaxis.d2p(x) - RING}px, ${yaxis._offset + (y === null ? 0 : yaxis.d2p(y)) - RING}px)`;
}

/** @param {Plot} plot @param {HTMLDetailsElement} details @param {() => Curve[]} curves */
function offerTable(plot, details, curves) {
  const summary = make("summary"), scroll = make("div", "scroll");
  scroll.tabIndex = 0;
  details.replaceChildren(summary, scroll);
  const write = () => withWords("chart", (words) => {
    summary.textContent = fill(words.table, axesOf(plot));
    if (!details.open) return;
    const known = curves(), { rows, total } = rowsOf(known), { x_name } = axesOf(plot);
    const heading = (/** @type {string} */ text, /** @type {string} */ scope) => Object.assign(make("th", "", text), { scope });
    const body = make("tbody", "", ...rows.map(({ x, values }) => make("tr", "", heading(number(x, 4), "row"), ...values.map((value) => make("td", "", written(value, words))))));
    const head = make("thead", "", make("tr", "", heading(x_name, "col"), ...known.map(({ name }) => heading(name, "col"))));
    scroll.setAttribute("aria-label", summary.textContent);
    scroll.replaceChildren(make("table", "", make("caption", "", fill(words[total > rows.length ? "some" : "all"], { shown: rows.length, total })), head, body));
  });
  /** @type {ReturnType<typeof setTimeout> | undefined} a curve that grows is written once in a while */
  let soon;
  details.addEventListener("toggle", write);
  plot.on("plotly_afterplot", () => {
    clearTimeout(soon);
    soon = setTimeout(write, 300);
  });
  write();
}
