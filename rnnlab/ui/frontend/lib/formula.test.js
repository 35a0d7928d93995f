import assert from "node:assert/strict";
import test from "node:test";

import { parse, split } from "./formula.js";

test("what stands after _ is lowered, a letter after a closing brace is not", () => {
  assert.deepEqual(parse("r_t = σ(W_ir x_t + W_hr h_{t-1})"), ["r", "t", " = σ(W", "ir", " x", "t", " + W", "hr", " h", "t−1", ")"]);
  assert.deepEqual(parse("W_hhᵀ δ_{t+1}"), ["W", "hh", "ᵀ δ", "t+1", ""]);
});

test("a minus between numbers is a real minus", () => {
  assert.deepEqual(parse("(1 - z_t)"), ["(1 − z", "t", ")"]);
});

test("a quantity is marked wherever it stands, and not within a longer name", () => {
  assert.deepEqual(split("c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t", ["c_{t-1}"]), [["c_t = f_t ⊙ ", false], ["c_{t-1}", true], [" + i_t ⊙ g_t", false]]);
  assert.deepEqual(split("W_ix x_t + tanh(x_t)", ["x_t"]).filter(([, isMarked]) => isMarked).length, 2);
  assert.deepEqual(split("b_ih + b_h", ["b_h"]), [["b_ih + ", false], ["b_h", true]]);
  assert.deepEqual(split("h_t", []), [["h_t", false]]);
});
