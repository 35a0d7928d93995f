// @ts-check
// The bounds of a figure's lines, as `rnnlab/figures/bounds.py` defines them and sends them in `layout.meta`: a value
// beyond the ceiling is a gap in its line and an arrow with its number at the upper edge; a long line is thinned; a log
// axis has few labels. A browser test compares the two. Traces are known by their `uid`.

import { number } from "./numbers.js";

/** @import { BoundsMeta, Figure, LineEnd, Points, Trace } from "../types.d.ts" */

/** @typedef {{ uid: string, value: number | null, x: number }} Arrow */

/** @type {BoundsMeta} */
const UNBOUNDED = { ceiling: Infinity, log: false, middle: 0, arrows: {}, numbered: [], beyond: "", max_points: Infinity, ends: {} };

/**
 * Find a trace by its uid.
 * @param {Trace[] | undefined} data
 * @param {string} uid
 * @returns {Trace | undefined}
 */
export const traceOf = (data, uid) => data?.find((trace) => trace.uid === uid);

/** @param {BoundsMeta} meta @param {number} value */
const drawable = (meta, value) =>
  Number.isFinite(value) && Math.abs(value) <= meta.ceiling && !(meta.log && value <= 0) ? value : null;

/**
 * Keep about `most` points: of each stretch the lowest, the highest, and the first gap.
 * @param {number[]} x
 * @param {(number | null)[]} y
 * @param {number} most
 * @returns {[number[], (number | null)[]]}
 */
export function thinned(x, y, most) {
  if (x.length <= most) return [x, y];
  const parts = Math.max(1, Math.floor(most / 2)), size = Math.floor(x.length / parts), longer = x.length % parts;
  /** @type {number[]} */
  const kept = [];
  for (let part = 0, from = 0; part < parts; part++) {
    const to = from + size + (part < longer ? 1 : 0);
    let low = -1, high = -1, gap = -1;
    for (let i = from; i < to; i++) {
      if (y[i] === null) { if (gap < 0) gap = i; continue; }
      if (low < 0 || y[i] < y[low]) low = i;
      if (high < 0 || y[i] > y[high]) high = i;
    }
    kept.push(...[...new Set([gap, low, high])].filter((i) => i >= 0).sort((a, b) => a - b));
    from = to;
  }
  return [kept.map((i) => x[i]), kept.map((i) => y[i])];
}

/**
 * Bound the points of one line; what lies beyond the ceiling is added to `beyond`.
 * @param {BoundsMeta} meta
 * @param {string} uid
 * @param {Points} points
 * @param {Arrow[]} beyond
 */
function bound(meta, uid, { x, y }, beyond) {
  const values = y.map((value, i) => {
    if (value > meta.ceiling && uid in meta.arrows) beyond.push({ uid, x: x[i], value: Number.isFinite(value) ? value : null });
    return drawable(meta, value);
  });
  return thinned(x, values, meta.max_points);
}

/** @param {Trace | undefined} trace */
export const isVisible = (trace) => trace?.visible !== false && trace?.visible !== "legendonly";

/**
 * Add arrows to the trace of arrows: each line keeps its newest, and the newest of a numbered line has its number, unless
 * the line has a label there.
 * @param {Trace[]} data
 * @param {BoundsMeta} meta
 * @param {Arrow[]} [fresh] without any the arrows are drawn anew, for lines that are hidden or visible now
 */
export function addArrows(data, meta, fresh = []) {
  const trace = traceOf(data, meta.beyond);
  const lines = new Map(data.map((line) => [line.uid, line]));
  const old = (trace.customdata ?? []).map((/** @type {[string, number]} */ [uid, value], /** @type {number} */ i) => ({ uid, value, x: trace.x[i] }));
  /** @type {(Arrow & { text: string })[]} */
  const shown = [];
  let row = 0;
  for (const [uid, most] of Object.entries(meta.arrows)) {
    const own = [...old, ...fresh].filter((arrow) => arrow.uid === uid).slice(-most);
    const atEnd = Boolean(meta.ends?.[uid]) && own.length > 0 && own[own.length - 1].x === meta.ends[uid].x; // there it has a label
    const numbered = meta.numbered.includes(uid) && !atEnd && isVisible(lines.get(uid));
    own.forEach((arrow, i) => shown.push({ ...arrow, text: i + 1 < own.length || !numbered ? "" : "<br>".repeat(row) + number(arrow.value, 4) }));
    if (own.length && numbered) row++;
  }
  const colors = shown.map(({ uid }) => lines.get(uid).line?.color);
  Object.assign(trace, {
    x: shown.map(({ x }) => x),
    y: shown.map(({ uid }) => (isVisible(lines.get(uid)) ? meta.ceiling : null)), // those of a hidden line keep their values
    text: shown.map(({ text }) => text),
    hovertext: shown.map(({ uid, value }) => `${lines.get(uid).name}: ${number(value, 4)}`),
    customdata: shown.map(({ uid, value }) => [uid, value]),
    textposition: shown.map(({ x }) => `bottom ${x > meta.middle ? "left" : "right"}`),
    marker: { ...trace.marker, color: colors },
    textfont: { ...trace.textfont, color: colors },
  });
}

/**
 * Bound the lines of a whole figure; the figure itself stays as it is.
 * @param {Figure} figure
 * @returns {Trace[]}
 */
export function boundedData(figure) {
  const { meta } = figure.layout;
  if (!meta?.arrows) return figure.data;
  /** @type {Arrow[]} */
  const beyond = [];
  const data = figure.data.map((trace) => {
    if (trace.uid === meta.beyond) return { ...trace };
    if (!(trace.uid in meta.arrows)) return trace;
    const [x, y] = bound(meta, trace.uid, { x: trace.x ?? [], y: trace.y ?? [] }, beyond);
    return { ...trace, x, y };
  });
  if (beyond.length) addArrows(data, meta, beyond);
  return data;
}

/** @param {LineEnd} end @param {Points} fresh */
function moveEnd(end, { x, y }) {
  const last = y[y.length - 1];
  Object.assign(end, { x: x[x.length - 1], y: Number.isFinite(last) ? last : null });
}

/**
 * Append points to lines in place, by uid; a line that has grown to twice `meta.max_points` is thinned again.
 * @param {Trace[]} data
 * @param {BoundsMeta | undefined} meta
 * @param {Record<string, Points>} points
 */
export function appendPoints(data, meta, points) {
  const bounds = meta ?? UNBOUNDED;
  /** @type {Arrow[]} */
  const beyond = [];
  for (const [uid, fresh] of Object.entries(points)) {
    const [x, y] = bound(bounds, uid, fresh, beyond), trace = traceOf(data, uid);
    const [allX, allY] = [[...(trace.x ?? []), ...x], [...(trace.y ?? []), ...y]];
    [trace.x, trace.y] = allX.length > 2 * bounds.max_points ? thinned(allX, allY, bounds.max_points) : [allX, allY];
    if (bounds.ends?.[uid] && fresh.x.length) moveEnd(bounds.ends[uid], fresh);
  }
  if (beyond.length || traceOf(data, bounds.beyond)?.x?.length) addArrows(data, bounds, beyond);
}

/**
 * Choose the labels of a log axis: powers of ten; on a short axis 1, 2, 5; on a shorter one even steps. They are a list,
 * so that the next point, which lengthens the axis, does not add to them.
 * @param {number} low exponent of ten
 * @param {number} high exponent of ten
 * @returns {number[]}
 */
export function logLabels(low, high) {
  const decades = high - low, from = Math.ceil(low);
  if (decades > 0.8) {
    const every = decades > 2.5 ? Math.max(1, Math.ceil(decades / 6)) : 1, digits = decades > 2.5 ? [1] : [1, 2, 5];
    const powers = [];
    for (let power = Math.floor(low); power <= high; power += 1) if ((power - from) % every === 0 || power < from) powers.push(10 ** power);
    return powers.flatMap((power) => digits.map((digit) => Number((digit * power).toPrecision(2))));
  }
  const step = (10 ** high - 10 ** low) / 3, unit = 10 ** Math.floor(Math.log10(step) + 1e-9);
  const even = unit * ([5, 2].find((times) => times * unit <= step) ?? 1), first = Math.ceil(10 ** low / even);
  return Array.from({ length: 8 }, (_, i) => Number(((first + i) * even).toPrecision(6)));
}
