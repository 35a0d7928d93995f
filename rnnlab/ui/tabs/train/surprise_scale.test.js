// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { changedRuns, oddsOf, shadeOf, shadesOf, SHADES } from "./surprise_scale.js";

test("a certain token is pale, a blind guess and everything beyond is darkest", () => {
  assert.equal(shadeOf(0, 10), 0);
  assert.equal(shadeOf(100, 10), SHADES - 1);
  assert.equal(shadeOf(254, 10), SHADES - 1);
});

test("shades are even steps of bits", () => {
  assert.deepEqual([4, 5, 13, 14, 50, 54, 55].map((tenths) => shadeOf(tenths, 11)), [0, 1, 1, 1, 5, 5, 6]);
});

test("a token without bits has no shade, nor has a text of one token's vocabulary", () => {
  assert.equal(shadeOf(null, 10), 0);
  assert.equal(shadeOf(30, 0), 0);
});

test("neighbours of one shade are one run", () => {
  const shades = shadesOf([null, 0, 110, 110, 0], 11);
  assert.deepEqual(changedRuns(shades, null), [[0, 2, 0], [2, 4, 11], [4, 5, 0]]);
});

test("what keeps its shade is not drawn again, and parts a run", () => {
  const before = Uint8Array.from([5, 5, 5, 2]), shades = Uint8Array.from([1, 5, 1, 1]);
  assert.deepEqual(changedRuns(shades, before), [[0, 1, 1], [2, 4, 1]]);
  assert.deepEqual(changedRuns(shades, shades), []);
});

test("ten bits are one in 1024", () => assert.equal(oddsOf(100), 1024));
