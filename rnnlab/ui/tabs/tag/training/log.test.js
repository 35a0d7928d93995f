import assert from "node:assert/strict";
import test from "node:test";

import { addRow, ambiguousWords, curvePoints, emptyLog, hasManyTags, isReal, newestScores } from "./log.js";

const filled = (...rows) => {
  const log = emptyLog();
  for (const row of rows) addRow(log, row);
  return log;
};
const epoch = (number, more = {}) => ({ kind: "epoch", epoch: number, loss: 1, accuracy: 0.5, held_out_accuracy: null, ...more });

test("rows of the tagger without recurrence are kept beside", () => {
  const log = filled(epoch(1), { ...epoch(1), kind: "beside-epoch" }, { kind: "finished", epoch: 1 });
  assert.equal(log.own.epochs.length, 1);
  assert.equal(log.beside.epochs.length, 1);
  assert.equal(log.own.finished.epoch, 1);
  assert.equal(filled(epoch(1)).beside, null);
});

test("scores are kept by when and sentence, with the epoch after which they are", () => {
  const log = filled({ kind: "scores", when: "before", sentence: 0 }, epoch(1), { kind: "scores", when: "so far", sentence: 1 });
  assert.equal(log.own.scores.before[0].epoch, undefined);
  assert.equal(log.own.scores["so far"][1].epoch, 1);
  assert.equal(newestScores(log), "so far");
  addRow(log, { kind: "scores", when: "after", sentence: 0 });
  assert.equal(newestScores(log), "after");
  assert.equal(newestScores(emptyLog()), "after");
});

test("a lesson is real when it has many tags or many sentences", () => {
  assert.ok(!isReal(filled({ kind: "started", tags: ["A"], sentences: 2 })));
  assert.ok(isReal(filled({ kind: "started", tags: ["A"], sentences: 51 })));
  assert.ok(hasManyTags(filled({ kind: "started", tags: [..."ABCDEFGHI"], sentences: 2 })));
});

test("a word that has two right tags in the two sentences is marked", () => {
  const scores = (sentence, tokens, gold) => ({ kind: "scores", when: "before", sentence, tokens, gold });
  const log = filled(scores(0, ["the", "light"], ["D", "N"]), scores(1, ["light", "the"], ["V", "D"]));
  assert.deepEqual([...ambiguousWords(log)], ["light"]);
  assert.deepEqual([...ambiguousWords(emptyLog())], []);
});

test("a figure's lines get the points that are not drawn yet", () => {
  const log = filled(epoch(1), epoch(2, { loss: null }));
  assert.deepEqual(curvePoints(log, "loss"), { loss: { x: [1, 2], y: [1, Infinity] } });
  assert.deepEqual(curvePoints(log, "accuracy", { training: 1, held_out: 2, unknown: 2 }), { training: { x: [2], y: [0.5] } });
});
