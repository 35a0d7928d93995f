// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { epochUnder, isOtherNearer } from "./travel_pointer.js";

test("a place on the axis is its nearest epoch", () => {
  const axis = { range: [0, 20], _length: 400, _offset: 60 };
  assert.deepEqual([60, 69, 71, 460, 500].map((x) => epochUnder(axis, x)), [0, 0, 1, 20, 22]);
});

test("the nearer handle moves, the first one where both are as near", () => {
  assert.equal(isOtherNearer(3, { epoch: 12, other: 4 }), true);
  assert.equal(isOtherNearer(8, { epoch: 12, other: 4 }), false);
  assert.equal(isOtherNearer(3, { epoch: 12, other: null }), false);
});
