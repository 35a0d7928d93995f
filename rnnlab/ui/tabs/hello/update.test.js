import assert from "node:assert/strict";
import test from "node:test";

import { placeOf, termsOf, updateOf } from "./update.js";

// A GRU of one unit over two letters and two steps, with round numbers.
const step = (own, later, r, h) => ({
  x_t: h ? [0, 1] : [1, 0], h_prev: [h], h_t: [0.5], values: { r: [r] },
  own: { n: [own] }, later: { n: [later] }, slope: { n: [0.5] }, d_logits: [0.25, -0.25],
});
const row = {
  kind: "epoch", epoch: 1, weight_ih: [[1, 2], [3, 4], [5, 6]], weight_hh: [[7], [8], [9]], bias_ih: [10, 11, 12], bias_hh: [13, 14, 15],
  weight_out: [[16], [17]], bias_out: [18, 19], m: Array.from({ length: 19 }, (_, k) => k / 10), v: Array.from({ length: 19 }, (_, k) => k * k / 1000),
  steps: [step(1, 1, 0.5, 0), step(-2, 0, 0.25, 4)],
};
const equations = [{ letter: "n", block: 2, times: "r_t", by: "h_{t-1}" }, { letter: "s", block: -1, times: "", by: "h_t" }];
const moment = { row, step: row.steps[0], t: 0, started: { equations, vocabulary: "ab" }, limit: 1, config: { learning_rate: 0.1, optimizer: "adam" }, words: {} };
const W_hn = { letter: "n", symbol: "W_hn", index: [0, 0] };

test("a term is (own + later) · slope · reset · what the weight multiplies", () => {
  assert.deepEqual(termsOf(moment, W_hn).map(({ value }) => value), [0, -2 * 0.5 * 0.25 * 4]);
  assert.deepEqual(termsOf(moment, { letter: "n", symbol: "W_in", index: [0, 0] }).map(({ value }) => value), [1, 0]);
  assert.deepEqual(termsOf(moment, { letter: "n", symbol: "b_hn", index: [0] }).map(({ value }) => value), [0.5, -0.25]);
  assert.deepEqual(termsOf(moment, { letter: "s", symbol: "W_out", index: [1, 0] }).map(({ value }) => value), [-0.125, -0.125]);
});

test("a number's place is that among all numbers, and its value is the weight's", () => {
  for (const [letter, symbol, index, place, value] of [
    ["n", "W_in", [0, 1], 5, 6], ["n", "W_hn", [0, 0], 8, 9], ["n", "b_in", [0], 11, 12], ["n", "b_hn", [0], 14, 15],
    ["s", "W_out", [1, 0], 16, 17], ["s", "b_out", [1], 18, 19],
  ]) assert.deepEqual(placeOf(moment, { letter, symbol, index }), { place, value });
});

test("SGD moves by the rate times the gradient, Adam by its means, and nothing follows the last epoch", () => {
  const adam = updateOf(moment, W_hn);
  assert.equal(adam.gradient, -1);
  assert.equal(adam.sgd, 0.1);
  assert.ok(Math.abs(adam.mHat - 8) < 1e-9 && Math.abs(adam.vHat - 64) < 1e-9);
  assert.ok(Math.abs(adam.step + 0.1) < 1e-8, "8 / √64 = 1");
  assert.equal(updateOf({ ...moment, config: { ...moment.config, optimizer: "sgd" } }, W_hn).step, 0.1);
  assert.equal(updateOf({ ...moment, row: { ...row, kind: "finished" } }, W_hn).step, null);
});
