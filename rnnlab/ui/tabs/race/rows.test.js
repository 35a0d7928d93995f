import assert from "node:assert/strict";
import test from "node:test";

import { drawnSoFar, emptyRace, endOfAxis, placesOf, pointsOf, shareOfWay, stateKey, take, winnersOf } from "./rows.js";

const started = {
  kind: "started", lanes: [{ name: "rnn" }, { name: "gru" }, { name: "lstm" }],
  target_perplexity: 1.1, uniform_perplexity: 1100, held_out_tokens: 10, marks: [10, 1.1],
};
const epoch = (lane, number, perplexity, seconds) =>
  ({ kind: "epoch", lane, epoch: number, perplexity, held_out_perplexity: 900, seconds, characters: 100 * number, sample: `${lane} ${number}` });
const split = (lane, mark, number, seconds) => ({ kind: "split", lane, mark, place: 1, epoch: number, perplexity: mark, seconds, characters: 100 * number });

function raceOf(...rows) {
  const race = emptyRace();
  take(race, [started, ...rows]);
  return race;
}

test("a point has its place on each of the three axes", () => {
  const step = { kind: "step", lane: "gru", epoch: 2, step: 3, steps: 4, perplexity: 20, seconds: 0.5, characters: 175 };
  const race = raceOf(step, { ...step, step: 4, perplexity: null });
  assert.deepEqual(pointsOf(race, "epochs"), { "minibatch.lane1": { x: [1.75, 2], y: [20, Infinity] } });
  assert.deepEqual(pointsOf(race, "seconds")["minibatch.lane1"].x, [0.5, 0.5]);
  assert.deepEqual(pointsOf(race, "characters")["minibatch.lane1"].x, [175, 175]);
  const from = drawnSoFar(race);
  take(race, [epoch("gru", 2, 15, 0.6)]);
  assert.deepEqual(pointsOf(race, "seconds", from), {
    "training.lane1": { x: [0.6], y: [15] }, "held_out.lane1": { x: [0.6], y: [900] },
  });
});

test("the axis ends at a round number while points come, and close to the last one at the end", () => {
  const race = emptyRace();
  take(race, [{ ...started, epochs: 20 }]);
  assert.deepEqual([endOfAxis(race, "epochs"), endOfAxis(race, "seconds")], [20, 1]);
  const step = { kind: "step", lane: "gru", epoch: 1, step: 1, steps: 4, perplexity: 20, seconds: 0.29, characters: 1950 };
  take(race, [step]);
  assert.equal(endOfAxis(race, "epochs"), 1);
  assert.ok(Math.abs(endOfAxis(race, "seconds") - 0.5) < 1e-9);
  assert.equal(endOfAxis(race, "characters"), 3000);
  take(race, [{ ...step, epoch: 20, step: 4 }]);
  assert.equal(endOfAxis(race, "epochs"), 20.4);
  take(race, [{ kind: "finished", results: [] }]);
  assert.equal(endOfAxis(race, "characters"), 1989);
});

test("who is ahead depends on the axis", () => {
  const race = raceOf(
    epoch("rnn", 1, 300, 1), epoch("gru", 1, 200, 3), epoch("lstm", 1, 400, 2),
    epoch("rnn", 2, 50, 2), epoch("gru", 2, 20, 6), epoch("lstm", 2, 60, 4),
  );
  assert.deepEqual(placesOf(race, "epochs"), [2, 1, 3]);
  assert.deepEqual(placesOf(race, "characters"), [2, 1, 3]);
  assert.deepEqual(placesOf(race, "seconds"), [1, null, 2], "after two seconds the GRU has not finished an epoch");
});

test("lanes over the line keep the order in which they crossed it, and may share a place", () => {
  const race = raceOf(
    epoch("rnn", 1, 1.05, 1), split("rnn", 1.1, 1, 1), epoch("gru", 1, 1.09, 3), split("gru", 1.1, 1, 3), epoch("lstm", 1, 5, 2),
  );
  assert.deepEqual(placesOf(race, "epochs"), [1, 1, 3]);
  assert.deepEqual(placesOf(race, "seconds"), [1, 2, 3]);
});

test("rounding does not decide who is ahead", () => {
  const race = raceOf(epoch("rnn", 1, 17.369591, 1), epoch("gru", 1, 17.369595, 3), epoch("lstm", 1, 17.38, 2));
  assert.deepEqual(placesOf(race, "epochs"), [1, 1, 3]);
});

test("a lane that has retired is last", () => {
  const race = raceOf(epoch("rnn", 1, 300, 1), epoch("gru", 1, 2, 3), { kind: "retired", lane: "gru", epoch: 2, step: 1 }, epoch("lstm", 1, 400, 2));
  assert.deepEqual(placesOf(race, "epochs"), [1, 3, 2]);
});

test("nothing is said of places before the first epoch", () => {
  assert.deepEqual(placesOf(raceOf(), "epochs"), [null, null, null]);
  assert.deepEqual(placesOf(emptyRace(), "seconds"), []);
});

test("the way to the line is measured on the logarithmic scale", () => {
  const race = raceOf(epoch("rnn", 1, 1100, 1), epoch("gru", 1, Math.sqrt(1100 * 1.1), 1), epoch("lstm", 1, null, 1));
  const shares = race.lanes.map((lane) => shareOfWay(lane, race.started));
  assert.equal(shares[0], 0);
  assert.ok(Math.abs(shares[1] - 0.5) < 1e-9);
  assert.equal(shares[2], 0, "infinite");
  take(race, [split("gru", 1.1, 2, 2)]);
  assert.equal(shareOfWay(race.lanes[1], race.started), 1);
});

test("differences are in millionths, and samples are the newest", () => {
  const race = raceOf(
    { kind: "line", lane: "gru", epoch: 0, sample: "before" },
    { kind: "difference", lane: "gru", epoch: 1, step: 1, steps: 2, perplexity: 3, seconds: 1, characters: 9, difference: 2e-6 },
    epoch("rnn", 1, 300, 1),
  );
  assert.deepEqual(race.differences, [{ epochs: 0.5, seconds: 1, characters: 9, y: 2 }]);
  assert.deepEqual(race.lanes.map(({ sample }) => sample), ["rnn 1", "before", ""]);
});

test("the state says how a race has ended", () => {
  const over = raceOf(epoch("rnn", 1, 1.05, 1), split("rnn", 1.1, 1, 1));
  assert.equal(stateKey("finished", over), "finished");
  assert.equal(stateKey("finished", raceOf()), "finished_no_line");
  take(over, [{ kind: "finished", results: [{ lane: "gru", place: 1, end: "finish" }, { lane: "rnn", place: 1, end: "finish" }] }]);
  assert.deepEqual(winnersOf(over), [1, 0]);
  assert.equal(stateKey("finished", over), "finished_tie");
  assert.equal(stateKey("stopped", raceOf()), "stopped_at_once");
  assert.equal(stateKey("stopped", over), "stopped");
  assert.equal(stateKey("running", over), "running");
  assert.equal(stateKey("paused", over), "paused");
  assert.equal(stateKey("paused", over, "restarted"), "restarted");
});
