// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { placesOf } from "./copied_strip.js";

test("shares stand under their epochs, all of them within the strip", () => {
  const shares = [0, 10, 20].map((epoch) => ({ epoch, share: epoch / 20 }));
  assert.deepEqual(placesOf(shares, { range: [0, 20], _length: 400 }, 48), [[0, 44], [200, 24], [400, 4]]);
});

test("a zoomed axis moves them", () => {
  assert.deepEqual(placesOf([{ epoch: 5, share: 1 }], { range: [10, 20], _length: 400 }, 48), [[-200, 4]]);
});
