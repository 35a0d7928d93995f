import assert from "node:assert/strict";
import test from "node:test";

import { along, decadesOf } from "./needle.js";

test("the scale ends one power of ten beyond the blind guess, or where the perplexity is", () => {
  assert.equal(decadesOf(51, 1.08), 3);
  assert.equal(decadesOf(1061, 900), 5);
  assert.equal(decadesOf(1061, 372_035), 6);
  assert.equal(decadesOf(1061, 1e30), 12);
  assert.equal(decadesOf(1061, null), 12);
});

test("a perplexity stands by its logarithm, an infinite one at the end", () => {
  assert.equal(along(1, 5), 0);
  assert.ok(Math.abs(along(1000, 5) - 0.6) < 1e-12);
  assert.equal(along(null, 5), 1);
  assert.equal(along(1e9, 5), 1);
});
