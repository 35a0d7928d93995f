import assert from "node:assert/strict";
import test from "node:test";

import { columnsOf } from "./steps.js";

globalThis.rnnlab = { language: () => "en" };

test("a word's column has its likeliest tag, whether it is right, and the probability", () => {
  const row = { tokens: ["leave", "Taipei"], gold: ["O", "DEP"], tags: ["O", "DEP"], log_probs: [[Math.log(0.75), Math.log(0.25)], [0, null]] };
  assert.deepEqual(columnsOf(row, (tag) => tag.toLowerCase()), [
    { input: "leave", outputs: ["o ✓", "75%"] }, { input: "Taipei", outputs: ["o ✗", "100%"] },
  ]);
});
