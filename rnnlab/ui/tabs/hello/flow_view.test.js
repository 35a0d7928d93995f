import assert from "node:assert/strict";
import test from "node:test";

import { linesOf, numbersIn, partsOf } from "./flow_view.js";

const equation = (letter, block, by, times = "") => ({ letter, block, by, times, formula: letter, activation: block < 0 ? "" : "σ" });
const gru = (by, times) => [equation("r", 0, "h_{t-1}"), equation("z", 1, "h_{t-1}"), equation("n", 2, by, times), equation("h", -1, "")];
const moment = (equations) => ({
  started: { equations, vocabulary: "ab" },
  row: { weight_ih: [[1, 2], [3, 4], [5, 6]], weight_hh: [[7], [8], [9]], bias_ih: [10, 11, 12], bias_hh: [13, 14, 15], bias_out: [] },
  step: { x_t: [0, 1], h_prev: [2], c_prev: [], h_t: [0.5], sum: [1, 2, 3], values: { r: [0.5], z: [0.25], n: [0.75], h: [0.5] } },
});

test("the parts of a sum are those of the formula, the reset before or after the product", () => {
  const after = moment(gru("h_{t-1}", "r_t"));
  assert.deepEqual(partsOf(after, after.started.equations[2], 0), [["W_in x_t", 6], ["b_in", 12], ["r_t ⊙ W_hn h_{t-1}", 9], ["r_t ⊙ b_hn", 7.5]]);
  const before = moment(gru("r_t ⊙ h_{t-1}"));
  assert.deepEqual(partsOf(before, before.started.equations[2], 0)[2], ["W_hn (r_t ⊙ h_{t-1})", 9]);
  assert.deepEqual(partsOf(after, after.started.equations[3], 0), [["1 - z_t ⊙ n_t", 0.5625], ["z_t ⊙ h_{t-1}", 0.5]]);
});

test("a line has its sum and value, and its numbers as they are computed", () => {
  const [r, , , h] = linesOf(moment(gru("h_{t-1}", "r_t")), 0);
  assert.deepEqual([r.sum, r.value, h.sum], [1, 0.5, 0.5]);
  assert.equal(numbersIn({ ...r, parts: [["a", -1], ["b", 2]] }), "r_t = σ((−1.000) + 2.000) = σ(1.000) = 0.500");
});
