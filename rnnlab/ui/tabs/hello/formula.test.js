import assert from "node:assert/strict";
import test from "node:test";

import { parse } from "./formula.js";

test("what stands after _ is lowered, a letter after a closing brace is not", () => {
  assert.deepEqual(parse("r_t = σ(W_ir x_t + W_hr h_{t-1})"), ["r", "t", " = σ(W", "ir", " x", "t", " + W", "hr", " h", "t−1", ")"]);
  assert.deepEqual(parse("W_hhᵀ δ_{t+1}"), ["W", "hh", "ᵀ δ", "t+1", ""]);
});

test("a minus between numbers is a real minus", () => {
  assert.deepEqual(parse("(1 - z_t)"), ["(1 − z", "t", ")"]);
});
