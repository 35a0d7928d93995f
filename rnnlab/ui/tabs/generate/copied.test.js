// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { runAt, segmentsOf } from "./copied.js";

const copied = { runs: [[0, 6], [4, 14], [20, 25]] };

test("a place belongs to the longest run that holds it", () => {
  assert.equal(runAt(copied, 0, 1), 0);
  assert.equal(runAt(copied, 5, 6), 1);
  assert.equal(runAt(copied, 13, 14), 1);
  assert.equal(runAt(copied, 24, 25), 2);
});

test("a place between runs belongs to none", () => {
  assert.equal(runAt(copied, 14, 15), -1);
  assert.equal(runAt(copied, 25, 26), -1);
  assert.equal(runAt(null, 0, 1), -1);
  assert.equal(runAt({ runs: [] }, 0, 1), -1);
});

test("a word that a run ends in belongs to it", () => {
  assert.equal(runAt(copied, 13, 18), 1);
});

test("a text is cut where its longest run changes", () => {
  assert.deepEqual(segmentsOf(30, copied), [[0, 4, 0], [4, 14, 1], [14, 20, -1], [20, 25, 2], [25, 30, -1]]);
  assert.deepEqual(segmentsOf(3, null), [[0, 3, -1]]);
  assert.deepEqual(segmentsOf(0, null), []);
});
