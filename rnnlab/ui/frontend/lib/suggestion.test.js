import assert from "node:assert/strict";
import test from "node:test";

import { suitsBook } from "./suggestion.js";

test("the recipe is suggested for a long text of one's own, unless it is chosen", () => {
  assert.ok(suitsBook(100_000, "quick", "own", 100_000));
  assert.ok(!suitsBook(99_999, "quick", "own", 100_000));
  assert.ok(!suitsBook(100_000, "book", "own", 100_000));
  assert.ok(!suitsBook(100_000, "quick", "lyrics-en", 100_000));
});
