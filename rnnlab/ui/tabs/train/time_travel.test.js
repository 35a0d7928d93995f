// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { moveOf, TimeTravel } from "./time_travel.js";

const RUN = { now: 12, planned: 20, stops: [0, 5, 10] };
function at12() {
  const travel = new TimeTravel();
  travel.begin("runs/1", RUN);
  return travel;
}

test("the handle follows now until it is moved, and then stays while now moves on", () => {
  const travel = at12();
  travel.advance(13, false);
  assert.deepEqual([travel.epoch, travel.follows], [13, true]);
  travel.go(7);
  travel.advance(14, false);
  assert.deepEqual([travel.epoch, travel.now, travel.follows], [7, 14, false]);
  travel.follow();
  travel.advance(15, false);
  assert.equal(travel.epoch, 15);
});

test("a step goes no further than the beginning and now", () => {
  const travel = at12();
  travel.move("back");
  assert.deepEqual([travel.epoch, travel.follows], [11, false]);
  travel.move("on");
  travel.move("on");
  assert.equal(travel.epoch, 12);
  travel.move("beginning");
  travel.move("back");
  assert.equal(travel.epoch, 0);
  travel.go(99);
  assert.equal(travel.epoch, 12);
});

test("a step on from now, where the handle follows, lets it follow", () => {
  const travel = at12();
  travel.move("on");
  travel.move("stop_on");
  assert.equal(travel.follows, true);
});

test("the keys: a presenter's go from songs to songs", () => {
  const travel = at12();
  travel.move(moveOf("PageUp"));
  assert.equal(travel.epoch, 10);
  travel.move(moveOf("PageUp"));
  assert.equal(travel.epoch, 5);
  travel.move(moveOf("PageDown"));
  travel.move(moveOf("PageDown"));
  assert.deepEqual([travel.epoch, travel.follows], [12, false]);
  travel.move(moveOf("Home"));
  assert.equal(travel.epoch, 0);
  travel.move(moveOf("End"));
  assert.deepEqual([travel.epoch, travel.follows], [12, true]);
  assert.equal(moveOf("a"), undefined);
});

test("an epoch with songs becomes a stop", () => {
  const travel = at12();
  travel.advance(15, true);
  travel.go(10);
  travel.move("stop_on");
  assert.equal(travel.epoch, 15);
});

test("it plays from the beginning to now in eight seconds and then follows", () => {
  const travel = at12();
  travel.play(1000);
  assert.deepEqual([travel.epoch, travel.moment.playing], [0, true]);
  travel.tick(5000);
  assert.equal(travel.epoch, 6);
  travel.tick(8999);
  assert.equal(travel.epoch, 11);
  travel.tick(9000);
  assert.deepEqual([travel.epoch, travel.follows, travel.moment.playing], [12, true, false]);
});

test("it plays on from where the handle is, at the same pace", () => {
  const travel = at12();
  travel.go(6);
  travel.play(0);
  travel.tick(2000);
  assert.equal(travel.epoch, 9);
});

test("it stops when a handle is touched, or when it is told to", () => {
  const travel = at12();
  travel.play(0);
  travel.tick(4000);
  travel.move("on");
  travel.tick(7000);
  assert.equal(travel.epoch, 7);
  travel.play(7000);
  travel.play(7100);
  assert.equal(travel.moment.playing, false);
});

test("the second handle begins half-way, moves by itself, and goes again", () => {
  const travel = at12();
  travel.compare();
  assert.equal(travel.other, 6);
  travel.move("back", true);
  travel.move("stop_on", true);
  assert.deepEqual([travel.epoch, travel.other, travel.follows], [12, 10, true]);
  travel.move("now", true);
  assert.equal(travel.other, 12);
  travel.compare();
  assert.equal(travel.other, null);
});

test("another run begins at its now; the same one, sent again, keeps the handles", () => {
  const travel = at12();
  travel.go(3);
  travel.compare();
  travel.begin("runs/1", { ...RUN, now: 13 });
  assert.deepEqual([travel.epoch, travel.other, travel.now], [3, 1, 13]);
  travel.begin("runs/2", { now: 2, planned: 5, stops: [] });
  assert.deepEqual([travel.epoch, travel.other, travel.follows], [2, null, true]);
});

test("what was stored is restored for its run, once", () => {
  const before = at12();
  before.go(3);
  before.goOther(1);
  const travel = new TimeTravel();
  travel.saved = before.toSaved();
  travel.begin("curves/lyrics-zh", RUN);
  assert.equal(travel.epoch, 12);
  travel.begin("runs/1", RUN);
  assert.deepEqual([travel.epoch, travel.other, travel.follows], [3, 1, false]);
  travel.begin("runs/2", RUN);
  travel.begin("runs/1", RUN);
  assert.equal(travel.epoch, 12);
  assert.equal(travel.toSaved().epoch, null);
});

test("everybody who subscribed hears of each change, until they leave", () => {
  const travel = at12();
  /** @type {number[]} */
  const heard = [];
  const leave = travel.subscribe(({ epoch }) => heard.push(epoch));
  travel.go(4);
  travel.move("on");
  leave();
  travel.go(1);
  assert.deepEqual(heard, [4, 5]);
});

test("a link puts the handle to its epoch as soon as a run has it, in the next run too, until it is moved", () => {
  const travel = at12();
  travel.want(13);
  assert.deepEqual([travel.epoch, travel.follows], [12, true]);
  travel.advance(13, false);
  travel.advance(14, false);
  assert.deepEqual([travel.epoch, travel.follows], [13, false]);
  travel.begin("runs/2", { now: 0, planned: 20, stops: [] });
  assert.deepEqual([travel.epoch, travel.follows], [0, true]);
  travel.advance(13, false);
  assert.deepEqual([travel.epoch, travel.follows], [13, false]);
  travel.go(3);
  travel.begin("runs/3", RUN);
  travel.advance(13, false);
  assert.equal(travel.follows, true);
});
