import assert from "node:assert/strict";
import test from "node:test";

import { litAgain } from "./cell_diagram.js";

const layout = (...letters) => ({ width: 1, height: 1, nodes: [], arrows: letters.map((letter) => ({ id: `sum ${letter}`, d: "", letters: [letter], carries: [] })) });

test("what a click has lit is found again in the next drawing of the same cell, and nothing in another", () => {
  const [arrow] = layout("f").arrows, next = layout("i", "f");
  assert.equal(litAgain({ letters: ["f"], arrow }, next).arrow, next.arrows[1]);
  assert.deepEqual(litAgain({ letters: ["f"] }, next), { letters: ["f"] });
  for (const other of [layout("r", "z"), null]) {
    assert.equal(litAgain({ letters: ["f"], arrow }, other), null);
    assert.equal(litAgain({ letters: ["f"] }, other), null);
  }
  assert.equal(litAgain(null, next), null);
});
