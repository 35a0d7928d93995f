import assert from "node:assert/strict";
import test from "node:test";
import { spread } from "./end_labels.js";

test("labels are moved apart as little as possible", () => { // as in tests/figures/test_end_labels.py
  for (const [places, moved] of [
    [[], []],
    [[10, 12, 50], [7, 15, 50]],
    [[50, 12, 10], [50, 15, 7]],
    [[1, 2], [0, 8]],
    [[99, 99.5, 100], [84, 92, 100]],
  ]) assert.deepEqual(spread(places, 8, 0, 100), moved);
  assert.deepEqual(spread([20, 27, 30], 8, 0, 100).map((place) => place.toFixed(3)), ["17.667", "25.667", "33.667"]);
  assert.deepEqual(spread([5, 6, 7], 8, 0, 10), [0, 8, 16]);
});
