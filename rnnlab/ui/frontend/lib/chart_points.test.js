import assert from "node:assert/strict";
import test from "node:test";
import { curvesOf, moved, plainTitle, rowsOf } from "./chart_points.js";

const data = [
  { uid: "minibatch", name: "each minibatch", x: [0.5], y: [9] },
  { uid: "training", name: "training", x: [1, 2, 3], y: [100, 10, null] },
  { uid: "held_out", name: "held out", x: [1, 3], y: [120, 50], visible: false },
  { uid: "training.1", name: "LSTM", x: [2.4], y: [7] },
  { uid: "beyond", x: [], y: [] },
];

test("only visible lines whose uids are named are read", () => {
  assert.deepEqual(curvesOf(data, "training held_out").map(({ name }) => name), ["training"]);
  assert.deepEqual(curvesOf(data, "training.").map(({ name }) => name), ["LSTM"]);
});

test("arrow keys walk along a curve and to the nearest point of another one", () => {
  const curves = curvesOf(data, "training training.");
  assert.deepEqual(moved(curves, { curve: 0, point: Infinity }, "ArrowLeft"), { curve: 0, point: 1 });
  assert.deepEqual(moved(curves, { curve: 0, point: 2 }, "ArrowRight"), { curve: 0, point: 2 });
  assert.deepEqual(moved(curves, { curve: 0, point: 2 }, "Home"), { curve: 0, point: 0 });
  assert.deepEqual(moved(curves, { curve: 0, point: 0 }, "ArrowDown"), { curve: 1, point: 0 });
  assert.deepEqual(moved(curves, { curve: 1, point: 0 }, "ArrowDown"), { curve: 0, point: 1 });
  assert.equal(moved(curves, { curve: 0, point: 0 }, "a"), null);
});

test("the table has a row for each x, and at most so many, with the first and the last", () => {
  const curves = curvesOf(data, "training training.");
  assert.deepEqual(rowsOf(curves), { total: 4, rows: [
    { x: 1, values: [100, undefined] }, { x: 2, values: [10, undefined] }, { x: 2.4, values: [undefined, 7] }, { x: 3, values: [null, undefined] },
  ] });
  const many = Array.from({ length: 5000 }, (_, i) => i), { rows, total } = rowsOf([{ uid: "a", name: "a", x: many, y: many }]);
  assert.deepEqual([rows.length, total, rows[0].x, rows.at(-1).x], [200, 5000, 0, 4999]);
});

test("a title is said without its scale", () => {
  assert.deepEqual(["perplexity (log scale)", "困惑度（对数刻度）", undefined].map(plainTitle), ["perplexity", "困惑度", ""]);
});
