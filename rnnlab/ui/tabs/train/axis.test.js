import assert from "node:assert/strict";
import test from "node:test";
import { axisEnd, growAxis, isOwnRange } from "./axis.js";

test("the axis doubles, and shows all epochs when it is near them", () => { // as in figures/growing_axis.py
  assert.deepEqual([0, 4, 4.1, 8.5, 20].map((done) => axisEnd(done, 20)), [4, 4, 8, 20, 20]);
  assert.equal(axisEnd(0.5, 3), 3);
  assert.equal(axisEnd(100, 200), 128);
});

test("a range that somebody has chosen stays", () => {
  assert.ok(isOwnRange([0, 1.02 * 4], 20));
  assert.ok(isOwnRange([0, 1.02 * 20], 20));
  assert.ok(!isOwnRange([0, 2], 20));
  assert.ok(!isOwnRange([1, 4.08], 20));
  const plot = { layout: { xaxis: { range: [0, 1.02 * 4] }, meta: { middle: 2 } } };
  growAxis(plot, 5, 20);
  assert.deepEqual(plot.layout.xaxis.range, [0, 1.02 * 8]);
  assert.equal(plot.layout.meta.middle, 4);
  plot.layout.meta.beside = 30;
  growAxis(plot, 5, 20);
  assert.deepEqual(plot.layout.xaxis.range, [0, 1.02 * 30]); // of the longer run behind it
  plot.layout.meta.beside = 0;
  growAxis(plot, 5, 20);
  assert.deepEqual(plot.layout.xaxis.range, [0, 1.02 * 8]);
  const fresh = { layout: { xaxis: { range: [0, 1.02 * 3] }, meta: { middle: 1.5, beside: 6 } } };
  growAxis(fresh, 3, 3);
  assert.deepEqual(fresh.layout.xaxis.range, [0, 1.02 * 6]);
  plot.layout.xaxis.range = [3, 6];
  growAxis(plot, 12, 20);
  assert.deepEqual(plot.layout.xaxis.range, [3, 6]);
});
