import assert from "node:assert/strict";
import test from "node:test";

import { PassageBox } from "./passage_box.js";

test("a key closes the box of the panel that was attached last, and no other one listens", () => {
  globalThis.document = new EventTarget();
  const [before, latest] = [1, 2].map(() => new PassageBox({ hidden: false }));
  document.dispatchEvent(Object.assign(new Event("keydown"), { key: "Escape" }));
  assert.deepEqual([before.box.hidden, latest.box.hidden], [false, true]);
});
