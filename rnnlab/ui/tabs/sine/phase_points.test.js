import assert from "node:assert/strict";
import test from "node:test";

import { angleOf, arrowsOf, cloudsOf, MAX_RADIUS, reachOf, upTo, waysOf } from "./phase_points.js";

const row = {
  window: 3, driven: [[1, 0], [0, 1], [-1, 0]], alone: [[1, 0], [0.5, 0.5], [0, 0], [-2, 0]], alone_per_window: 2, rest: [0, 0],
  driven_eigenvalues: [[0.5, 0.5]], rest_eigenvalues: [[0, 1], [0.2, 0]],
};

test("the way alone is drawn as far as the free run has come", () => {
  const { alone, driven, start, rest } = waysOf(row, 1);
  assert.deepEqual(alone, { x: [1, 0.5, 0], y: [0, 0.5, 0] });
  assert.deepEqual(driven, { x: [1, 0, -1], y: [0, 1, 0] });
  assert.deepEqual([start, rest], [{ x: [1], y: [0] }, { x: [0], y: [0] }]);
  assert.deepEqual(waysOf({ ...row, rest: [] }, 0).rest, { x: [], y: [] });
});

test("arrows point along the way, in degrees clockwise from up", () => {
  assert.deepEqual(arrowsOf([[0, 0], [0, 1], [1, 1]]), { x: [0, 0.5], y: [0.5, 1], angle: [0, 90] });
  assert.deepEqual(arrowsOf([[0, 0], [0, 0]]).x, []);
  assert.equal(arrowsOf(Array.from({ length: 99 }, (_, k) => [k, 0])).x.length, 6);
});

test("a pair of eigenvalues is drawn on both sides, and one far away as an arrow at the edge", () => {
  const found = cloudsOf([{ ...row, rest_eigenvalues: [[0.3, 0]] }, { ...row, rest_eigenvalues: [[0, 9], [0.2, 0]] }]);
  assert.deepEqual(found.driven.y, [0.5, -0.5]);
  assert.deepEqual(found.alone.x, [0.2]);
  assert.deepEqual(found.beyond, { x: [0, 0], y: [MAX_RADIUS, -MAX_RADIUS], angle: [0, 180] });
  assert.deepEqual(found.trail.x, [0.3]);
  assert.deepEqual(cloudsOf([row]).leading.y, [1, -1]);
});

test("the plane holds the ways of its window", () => {
  assert.equal(reachOf(row), 2.5);
  assert.equal(reachOf({ driven: [], alone: [] }), 0.1);
  assert.equal(reachOf({ driven: [], alone: [[1e9, 0]] }), 32);
  assert.deepEqual(upTo([{ window: 1 }, { window: 3 }], 2), [{ window: 1 }]);
  assert.deepEqual([angleOf([[0, 1]]), angleOf([])], [90, null]);
});
