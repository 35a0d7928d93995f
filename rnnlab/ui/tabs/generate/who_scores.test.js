// @ts-check
import assert from "node:assert/strict";
import test from "node:test";

import { counted, pointsOf } from "./who_scores.js";

test("guesses are counted by model and epoch", () => {
  let scores = counted({}, "trained a", 7, true);
  scores = counted(counted(scores, "trained a", 7, false), "trained a", 3, false);
  scores = counted(scores, "trained b", 7, true);
  assert.deepEqual(scores["trained a"], { 7: [1, 2], 3: [0, 1] });
  assert.deepEqual(pointsOf(scores["trained a"]), [
    { epoch: 3, fooled: 0, played: 1, share: 0 },
    { epoch: 7, fooled: 1, played: 2, share: 0.5 },
  ]);
});

test("a model without epochs has a score and no point", () => {
  const scores = counted({}, "5-gram", null, true);
  assert.deepEqual(scores["5-gram"], { "": [1, 1] });
  assert.deepEqual(pointsOf(scores["5-gram"]), []);
});
