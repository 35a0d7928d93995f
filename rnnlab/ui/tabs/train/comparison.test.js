import assert from "node:assert/strict";
import test from "node:test";

globalThis.rnnlab = { language: () => "en" };
const { clippingText } = await import("./comparison.js");

const words = { "clipping.norm": "{epoch}: {norm}, {limit}, {factor}, {clipped}", "clipping.value": "value {limit}", "clipping.never": "never {norm}" };
const row = (grad_norm, clipped) => ({ epoch: 1200, grad_norm, clipped });

test("clipping is told by the mean norm, the limit and their quotient, at most 1", () => {
  assert.equal(clippingText(row(4, 0.5), { limit: 1, by: "norm" }, words), "1,200: 4, 1, 0.25, 50%");
  assert.equal(clippingText(row(0.8, 0.03), { limit: 1, by: "norm" }, words), "1,200: 0.8, 1, 1, 3%");
  assert.equal(clippingText(row(0.8, 0), { limit: 0.5, by: "value" }, words), "value 0.5");
  assert.equal(clippingText(row(0.8, 0), { limit: null, by: "norm" }, words), "never 0.8");
});
