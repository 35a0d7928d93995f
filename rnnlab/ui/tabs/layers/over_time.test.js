import assert from "node:assert/strict";
import test from "node:test";

import { stepsShown } from "./over_time.js";

test("few steps are all drawn, of many the first and the last", () => {
  assert.deepEqual(stepsShown(3, 5), [1, 2, 3]);
  assert.deepEqual(stepsShown(5, 5), [1, 2, 3, 4, 5]);
  assert.deepEqual(stepsShown(35, 5), [1, 2, 3, 0, 35]);
  assert.deepEqual(stepsShown(35, 3), [1, 0, 35]);
});
