import assert from "node:assert/strict";
import test from "node:test";

import { betterOf, changesBaselines, isWorseThanUniform, pointsOf, secondsLeft, secondsPerEpoch, stateKey } from "./rows.js";

test("a run is judged by its newest minibatches, and by its last epoch while there are few", () => {
  assert.ok(isWorseThanUniform(100, [200, 200, 200, 200, 200], 10));
  assert.ok(!isWorseThanUniform(100, [50, 50, 50, 50, 50], 200));
  assert.ok(isWorseThanUniform(100, [1], Infinity));
  assert.ok(isWorseThanUniform(100, [1, 1, 1, 1, null], null), "null is an infinite perplexity");
  assert.ok(!isWorseThanUniform(100, [104], 104), "a run that begins is a little above it by chance");
  assert.ok(!isWorseThanUniform(null, [200, 200, 200, 200, 200], 200), "nothing is known of the text yet");
});

test("a start and counted n-grams change the baselines", () => {
  assert.deepEqual(["start", "baselines", "step", "epoch"].map((kind) => changesBaselines({ kind })), [true, true, false, false]);
});

test("a state has its words", () => {
  const key = (news, facts = {}) => stateKey({ diverged: null, why: "", ...news }, { worse: false, epoch: 3, hasNewRate: false, ...facts });
  assert.equal(key({ state: "running" }), "running");
  assert.equal(key({ state: "running" }, { hasNewRate: true }), "changed");
  assert.equal(key({ state: "running" }, { worse: true }), "worse");
  assert.equal(key({ state: "finished" }, { worse: true }), "worse_ended");
  assert.equal(key({ state: "diverged", diverged: { kept_epoch: 0 } }), "diverged_at_once");
  assert.equal(key({ state: "diverged", diverged: { kept_epoch: 2 } }), "diverged");
  assert.equal(key({ state: "stopped" }, { epoch: 0 }), "stopped_at_once");
  assert.equal(key({ state: "paused", why: "idle" }), "idle");
  assert.equal(key({ state: "finished", test_perplexity: null }), "finished");
  assert.equal(key({ state: "finished", test_perplexity: 4.5 }), "finished_tested");
  assert.equal(key({ state: "finished", stopped_early: true }), "finished_early");
});

test("the time left counts what is done of the epoch", () => {
  const progress = { epoch: 3, step: 25, steps: 100, perplexity: 5, seconds: 10 };
  assert.equal(secondsLeft(progress, 4, null), 40 * 1.75);
  assert.equal(secondsLeft(progress, 4, 20), 20 * 1.75);
});

test("the kept epoch is the first one with the lowest held-out perplexity", () => {
  const rows = [9, 7, null, 7, 8].map((held_out_perplexity, i) => ({ epoch: i + 1, held_out_perplexity }));
  assert.equal(rows.reduce(betterOf, null).epoch, 2);
  assert.equal(betterOf(null, { epoch: 1, held_out_perplexity: null }), null);
});

test("an epoch takes what it took on this page's clock, at first what the server says", () => {
  assert.equal(secondsPerEpoch({ epoch: 3, seconds: 9 }, { epoch: 3, at: 0 }, 500), 9);
  assert.equal(secondsPerEpoch({ epoch: 5, seconds: 9 }, { epoch: 3, at: 1000 }, 5000), 2);
});

test("rows become points of the traces, and a change of the rate stands where the curve is", () => {
  const rows = [
    { kind: "step", x: 0.5, y: 80 }, { kind: "changed", learning_rate: 0.1 }, { kind: "step", x: 1, y: null },
    { kind: "epoch", epoch: 1, perplexity: 70, held_out_perplexity: null },
  ];
  const { points, changes } = pointsOf(rows, { x: 0, y: 100 }, true);
  assert.deepEqual(points, {
    minibatch: { x: [0.5, 1], y: [80, Infinity] }, training: { x: [1], y: [70] }, held_out: { x: [1], y: [Infinity] },
  });
  assert.deepEqual(changes, [{ x: 0.5, y: 80, rate: 0.1 }]);
  assert.deepEqual(pointsOf([], { x: 0, y: 1 }, false), { points: {}, changes: [] });
});
