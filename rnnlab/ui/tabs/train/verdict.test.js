import assert from "node:assert/strict";
import test from "node:test";
import { verdict } from "./verdict.js";

const GRAMS = [{ name: "unigram", value: 360 }, { name: "3-gram", value: 300 }, { name: "5-gram", value: null }];
const RUN = { hasHeldOut: true, training: 1.03, heldOut: 18_810, best: { epoch: 1, value: 790 }, epoch: 20, uniform: 1061, grams: GRAMS };
const keys = (numbers) => verdict({ ...RUN, ...numbers }).map(([key]) => key);

test("counting is ahead of a network that has memorised its text", () => {
  assert.deepEqual(keys({}), ["dashed", "counting_worse", "best", "memorised", "back_off"]);
  assert.deepEqual(verdict(RUN)[1][1], { gram: "3-gram", counted: 300, network: 18_810, training: 1.03, uniform: 1061 });
  assert.deepEqual(keys({ heldOut: Infinity }), ["dashed", "counting_worse", "best", "memorised", "back_off"]);
});

test("an epoch that was ahead of counting, and a network that has learned little yet", () => {
  assert.deepEqual(keys({ heldOut: 900, best: { epoch: 3, value: 250 } }), ["dashed", "counting", "best_ahead", "memorised", "back_off"]);
  assert.deepEqual(keys({ heldOut: 900, training: 700, best: { epoch: 20, value: 900 } }), ["dashed", "counting", "not_yet", "back_off"]);
});

test("what is said of a network that has not memorised its text", () => {
  const at = (training, heldOut) => keys({ training, heldOut, best: null }).at(-2);
  assert.equal(at(4e83, 3e92), "worse_too");
  assert.equal(at(Infinity, Infinity), "worse_too");
  assert.equal(at(290, 310), "alike");
  assert.equal(at(250, 500), "training");
  assert.equal(at(1.03, 18_810), "memorised");
});

test("the network is ahead", () => {
  assert.deepEqual(keys({ heldOut: 5, training: 4 }), ["dashed", "network", "network_why"]);
  assert.deepEqual(keys({ heldOut: 290, training: 4 }), ["dashed", "network", "network_why", "also_memorised"]);
});

test("numbers that are not there", () => {
  assert.deepEqual(keys({ hasHeldOut: false }), ["none"]);
  assert.deepEqual(keys({ heldOut: null }), ["early"]);
  assert.deepEqual(keys({ grams: [] }), ["dashed", "uncounted"]);
});
