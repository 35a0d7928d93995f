import assert from "node:assert/strict";
import test from "node:test";

import { chosenAmong } from "./states.js";

test("a choice that the opened text or network does not have is not sent", () => {
  assert.equal(chosenAmong({ value: "depth" }, ["depth", "memory"]), "depth");
  assert.equal(chosenAmong({ value: "depth" }, ["memory", "character"]), "");
  assert.equal(chosenAmong({ value: "l0.c" }, ["l0.h"]), "");
});
