import assert from "node:assert/strict";
import test from "node:test";

import { lossPoints, stateKey, times, wavesOf } from "./waves.js";

const sampling = { points: 3, phase: 0 };

test("a window of π begins where the one before it ends", () => {
  assert.deepEqual(times(2, sampling), [1, 1.5, 2]);
});

test("windows are drawn with gaps between them, and without what no picture can show", () => {
  const row = { input: [0, 1, 0], prediction: [1, 1e9, null] };
  const { x, y } = wavesOf([row, row], 1, 2, sampling);
  assert.deepEqual(x, [0, 0.5, 1, null, 1, 1.5, 2]);
  assert.deepEqual(y.prediction, [1, null, null, null, 1, null, null]);
  assert.equal(y.target[0], 1);
  assert.deepEqual(wavesOf([], 1, 3, sampling).x, []);
});

test("the means of a memory go on after a gap as the errors of the free run", () => {
  const rows = [
    { kind: "window", memory: "bptt", window: 2, loss: null, mean_loss: 0.5 },
    { kind: "freerun", memory: "bptt", window: 3, error: 0.7 },
  ];
  assert.deepEqual(lossPoints(rows, 2), {
    "loss.bptt": { x: [2], y: [Infinity] },
    "mean.bptt": { x: [2, 2.5, 3], y: [0.5, null, 0.7] },
  });
});

test("a run that has ended can be played again", () => {
  assert.equal(stateKey("finished", { replays: true, alone: false, known: 9 }), "replay");
  assert.equal(stateKey("finished", { replays: true, alone: true, known: 9 }), "replay_alone");
  assert.equal(stateKey("running", { replays: true, alone: false, known: 9 }), "running");
  assert.equal(stateKey("stopped", { replays: false, alone: false, known: 0 }), "stopped_at_once");
});
