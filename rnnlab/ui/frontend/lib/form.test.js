import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { anew, byHand, edited, fill, give, same, showRun } from "./form.js";

let stored;
beforeEach(() => {
  stored = new Map();
  globalThis.sessionStorage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value), removeItem: (key) => stored.delete(key) };
  globalThis.rnnlab = { language: () => "en" };
  globalThis.document = { getElementById: () => null, body: { setAttribute() {} } };
  globalThis.fetch = async () => ({ ok: true, status: 200, text: async () => "{}" });
});

test("values are the same as their text, and nothing is the empty text", () => {
  assert.ok(same(1, "1"));
  assert.ok(same(null, ""));
  assert.ok(!same(0, ""));
});

test("fields are filled with the run's settings, and over them with the edits that were stored for this run", () => {
  stored.set("rnnlab_form_a_run", JSON.stringify({ run: "runs/1", edits: { rate: 3 } }));
  showRun("a", { rate: 1, epochs: 20 }, "runs/1", "runs/1", () => {});
  assert.deepEqual(fill("a", ["rate", "epochs", "seed"], [9, 9, 7]), [3, 20, 7]);
});

test("edits of another run are forgotten", () => {
  stored.set("rnnlab_form_b_run", JSON.stringify({ run: "runs/0", edits: { rate: 3 } }));
  showRun("b", { rate: 1 }, "runs/1", "runs/1", () => {});
  assert.deepEqual(fill("b", ["rate"], [9]), [1]);
});

test("an edit is stored with its run", () => {
  showRun("c", { rate: 1 }, "runs/1", "runs/1", () => {});
  fill("c", ["rate"], [1]);
  edited("c", ["rate"], [5]);
  assert.deepEqual(JSON.parse(stored.get("rnnlab_form_c_run")), { run: "runs/1", edits: { rate: 5 } });
});

test("a value that was filled in is not a choice by hand, once", () => {
  showRun("d", { preset: "quick" }, "runs/1", "runs/1", () => {});
  fill("d", ["preset"], ["other"]);
  assert.equal(byHand("d", "preset", "quick"), null);
  assert.equal(byHand("d", "preset", "quick"), "quick");
});

test("a list that only loses the focus has no new value", () => {
  showRun("e", {}, "curves/x", "curves/x", () => {});
  fill("e", ["corpus"], ["songs"]);
  assert.equal(anew("e", "corpus", "songs"), null);
  assert.equal(anew("e", "corpus", "poems"), "poems");
});

test("what a script has set stays when the form is filled later, with the visitor's run as well", () => {
  give("driven", { rate: 7 });
  showRun("driven", { rate: 1, epochs: 20 }, "lessons/x", "lessons/x", () => {});
  assert.deepEqual(fill("driven", ["rate", "epochs"], [1, 20]), [7, 20]);
  assert.deepEqual(fill("driven", ["rate", "epochs"], [7, 20]), [7, 20]);
  showRun("driven", { rate: 1, epochs: 20 }, "runs/1", "runs/1?back", () => {});
  assert.deepEqual(fill("driven", ["rate", "epochs"], [7, 20]), [7, 20]);
});

test("nothing follows from a value that a script sets", () => {
  give("given", { recipe: "book" });
  assert.equal(byHand("given", "recipe", "book"), null);
});
