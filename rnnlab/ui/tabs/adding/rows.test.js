import assert from "node:assert/strict";
import test from "node:test";

import { countsOf, emptyRun, endOfAxis, longestOf, newestLength, pointsOf, stateKey, take } from "./rows.js";

const started = { kind: "started", models: ["rnn", "gru"], lengths: [10], max_steps: 200, target_error: 0.02 };
const measured = (model, step, error, length = 10) => ({ kind: "measured", model, length, step, error, seconds: 1 });
const outcome = (model, end, step, length = 10) => ({ kind: "outcome", model, length, end, step, error: 0.01, seconds: 1 });
const began = (length, ...models) => ({ kind: "length", length, models });

function runOf(...rows) {
  const run = emptyRun();
  take(run, [started, began(10, "rnn", "gru"), ...rows]);
  return run;
}

test("points are those of one length, and only the new ones are drawn", () => {
  const run = runOf(measured("rnn", 0, 1.1), measured("gru", 0, 1.2), measured("rnn", 20, null));
  assert.deepEqual(pointsOf(run, 10), { "error.rnn": { x: [0, 20], y: [1.1, Infinity] }, "error.gru": { x: [0], y: [1.2] } });
  const counts = countsOf(run, 10);
  take(run, [measured("gru", 20, 0.3)]);
  assert.deepEqual(pointsOf(run, 10, counts), { "error.gru": { x: [20], y: [0.3] } });
  take(run, [began(20, "gru"), measured("gru", 0, 1.3, 20)]);
  assert.deepEqual(pointsOf(run, 20), { "error.gru": { x: [0], y: [1.3] } });
  assert.equal(newestLength(run), 20);
});

test("the axis ends at a round number, and close to the last point at the end", () => {
  const run = runOf();
  assert.equal(endOfAxis(run, 10), 100);
  take(run, [measured("rnn", 180, 0.2)]);
  assert.equal(endOfAxis(run, 10), 200);
  take(run, [measured("rnn", 200, 0.2)]);
  assert.equal(endOfAxis(run, 10), 300);
  take(run, [outcome("rnn", "steps", 200), outcome("gru", "finish", 100)]);
  assert.equal(endOfAxis(run, 10), 204);
});

test("the state says who has reached the finish line", () => {
  const run = runOf(measured("rnn", 0, 1), outcome("rnn", "steps", 200));
  assert.equal(stateKey("running", run), "running");
  assert.equal(stateKey("finished", run), "finished_none");
  take(run, [outcome("gru", "finish", 100)]);
  assert.equal(stateKey("finished", run), "finished");
  assert.equal(stateKey("stopped", emptyRun()), "stopped_at_once");
});

test("the longest row is the last one whose finish line was reached", () => {
  const run = emptyRun();
  take(run, [{ ...started, lengths: [10, 20] }, began(10, "rnn", "gru"), outcome("rnn", "steps", 200), outcome("gru", "finish", 40)]);
  take(run, [began(20, "gru"), outcome("gru", "finish", 60, 20)]);
  assert.deepEqual([longestOf(run, "rnn"), longestOf(run, "gru")], [null, 20]);
  assert.equal(stateKey("finished", run), "finished_growing");
});
