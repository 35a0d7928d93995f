import assert from "node:assert/strict";
import test from "node:test";

import { firstToLookAt } from "./doubt.js";

const token = (form, tag, probability, known = true) => ({ form, tag, probability, known });

test("a word that comes with two tags is explained first", () => {
  assert.equal(firstToLookAt([token("a", "X", 0.1), token("light", "N", 0.9), token("light", "V", 0.9)]), 1);
});

test("else an unknown word, else the least certain one", () => {
  assert.equal(firstToLookAt([token("a", "X", 0.1), token("b", "X", 0.9, false), token("c", "X", 0.8, false)]), 2);
  assert.equal(firstToLookAt([token("a", "X", 0.9), token("b", "X", 0.3)]), 1);
});
