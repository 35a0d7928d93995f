// @ts-check
import assert from "node:assert/strict";
import test from "node:test";

import { departure, endOf, placed } from "./ruler.js";

test("a handle stands at a multiple of the step and never passes its neighbours", () => {
  const temperatures = [0, 0.4, 0.8];
  assert.equal(placed(temperatures, 1, 0.52, 1.6), 0.5);
  assert.equal(placed(temperatures, 1, 3, 1.6), 0.8);
  assert.equal(placed(temperatures, 1, -Infinity, 1.6), 0);
  assert.equal(placed(temperatures, 2, Infinity, 1.6), 1.6);
  assert.equal(placed(temperatures, 0, -1, 1.6), 0);
  assert.equal(placed(temperatures, 0, 0.1 + 0.2, 1.6), 0.3);
});

test("the ruler reaches to 1.6, or to a hotter column", () => {
  assert.equal(endOf([0, 1]), 1.6);
  assert.equal(endOf([0, 2.5]), 2.5);
});

test("a column departs at its first character that the one before has not", () => {
  assert.equal(departure("abcd", "abxd"), 2);
  assert.equal(departure("🙂b", "🙂c"), 1);
  assert.equal(departure("ab", "ab"), null);
  assert.equal(departure("abc", "ab"), null);
  assert.equal(departure(undefined, "ab"), null);
});
