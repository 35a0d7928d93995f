import assert from "node:assert/strict";
import test from "node:test";

import { appendPoints, boundedData, logLabels, thinned, traceOf } from "./bounds.js";

globalThis.rnnlab = { language: () => "en" };
const meta = { ceiling: 10, log: true, middle: 5, arrows: { training: 2 }, numbered: ["training"], beyond: "beyond", ends: {}, max_points: 100 };
const figure = (y) => ({
  data: [
    { uid: "beyond", x: [], y: [], marker: { size: 12 } },
    { uid: "training", name: "training", x: y.map((_, i) => i), y, line: { color: "red" } },
  ],
  layout: { meta },
});

test("a long line keeps the lowest and the highest point of each stretch, and its first gap", () => {
  assert.deepEqual(thinned([0, 1, 2, 3, 4, 5], [1, 9, 2, 3, 0, 1], 4), [[0, 1, 3, 4], [1, 9, 3, 0]]);
  assert.deepEqual(thinned([0, 1, 2, 3, 4], [1, null, null, 5, 2], 2), [[0, 1, 3], [1, null, 5]]);
  assert.deepEqual(thinned([0, 1], [2, 3], 4), [[0, 1], [2, 3]]);
});

test("what the axis cannot show is a gap, and what lies above it has an arrow; the newest has the number", () => {
  const data = boundedData(figure([1, 20, -3, Infinity, 1e300, 2]));
  assert.deepEqual(traceOf(data, "training").y, [1, null, null, null, null, 2]);
  const arrows = traceOf(data, "beyond");
  assert.deepEqual([arrows.x, arrows.y, arrows.text], [[3, 4], [10, 10], ["", "1·10³⁰⁰"]]);
  assert.deepEqual(arrows.customdata, [["training", null], ["training", 1e300]]);
  assert.deepEqual([arrows.marker.color, arrows.marker.size], [["red", "red"], 12]);
});

test("bounding leaves the figure as it was", () => {
  const given = figure([1, 20]);
  boundedData(given);
  assert.deepEqual(given, figure([1, 20]));
});

test("a figure without bounds stays as it is", () => {
  const data = [{ uid: "a", y: [1e300] }];
  assert.equal(boundedData({ data, layout: {} }), data);
});

test("points are appended by uid, whatever the order of the traces", () => {
  const { data } = figure([1, 2]);
  appendPoints(data, meta, { training: { x: [2, 3], y: [3, 40] } });
  assert.deepEqual(traceOf(data, "training").y, [1, 2, 3, null]);
  assert.deepEqual(traceOf(data, "beyond").x, [3]);
});

test("a line that grows is thinned again at twice its points", () => {
  const { data } = figure([1]), many = Array.from({ length: 201 }, () => 1);
  appendPoints(data, meta, { training: { x: many, y: many } });
  appendPoints(data, meta, { training: { x: many, y: many } });
  assert.ok(traceOf(data, "training").x.length <= 200);
});

test("a log axis has few labels, which are powers of ten, then 1, 2, 5, then even steps", () => {
  assert.deepEqual(logLabels(0, 4).filter((value) => value >= 1 && value <= 1e4), [1, 10, 100, 1000, 10000]);
  assert.deepEqual(logLabels(0, 1), [1, 2, 5, 10, 20, 50]);
  assert.deepEqual(logLabels(0, 0.3).slice(0, 3), [1, 1.2, 1.4]);
});

test("a figure without labels at its ends grows, too", () => {
  const without = { ...meta, ends: undefined };
  const data = boundedData({ ...figure([1, 2]), layout: { meta: without } });
  assert.doesNotThrow(() => appendPoints(data, without, { training: { x: [2], y: [3] } }));
});
