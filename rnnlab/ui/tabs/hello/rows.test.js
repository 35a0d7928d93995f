import assert from "node:assert/strict";
import test from "node:test";

import { addRows, emptyLog, place, spelling } from "./rows.js";

const look = (epoch, predicted, weight = 0) => ({
  kind: "epoch", epoch, loss: 1, predicted, weight_ih: [[weight]], weight_hh: [[0]], bias_ih: [0], bias_hh: [0], steps: [{ sum: [0.5] }],
});

test("rows are the constants, the points of the curve, and the epochs with a walk", () => {
  const log = emptyLog();
  addRows(log, [{ kind: "started", vocabulary: "ab" }, look(1, "a"), { kind: "epoch", epoch: 2, loss: null, predicted: "b" }, { kind: "diverged" }]);
  assert.equal(log.started.vocabulary, "ab");
  assert.deepEqual(log.points.map((row) => row.epoch), [1, 2]);
  assert.deepEqual(log.looks.map((row) => row.epoch), [1]);
});

test("the full colour is that of the largest number of the run, at least 1", () => {
  const log = emptyLog();
  addRows(log, [look(1, "a", 0.2)]);
  assert.equal(log.limit, 1);
  addRows(log, [look(2, "a", -3), look(3, "a", Infinity)]);
  assert.equal(log.limit, 3);
});

test("the trained network comes after the last epoch", () => {
  assert.deepEqual([place({ kind: "epoch", epoch: 9 }), place({ kind: "finished", epoch: 9 })], [9, 10]);
});

test("a word is spelled from the epoch after the last wrong one on", () => {
  const looks = [look(1, "x"), look(2, "ab"), look(3, "x"), look(4, "ab"), look(5, "ab")];
  assert.deepEqual(spelling(looks, "ab", 4), { key: "spelled", spelled: 4 });
  assert.deepEqual(spelling(looks, "ab", 1), { key: "not_yet", spelled: 4 });
  assert.deepEqual(spelling(looks.slice(0, 3), "ab", 2), { key: "missed", spelled: undefined });
});
