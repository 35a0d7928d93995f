import assert from "node:assert/strict";
import test from "node:test";
import { MAX_RUNS, added, changed, readRuns, removed, writeRuns } from "./earlier_list.js";

test("the newest run is first, ten are kept, and one that comes again stays in its place", () => {
  let runs = [];
  for (let i = 1; i <= 12; i++) runs = added(runs, `id${i}`);
  assert.equal(runs.length, MAX_RUNS);
  assert.deepEqual([runs[0].id, runs[9].id], ["id12", "id3"]);
  assert.equal(added(runs, "id5"), runs);
  assert.equal(added(removed(runs, "id12"), "new")[0].n, 12);
});

test("a run is renamed, shown and removed", () => {
  const runs = added(added([], "a"), "b");
  assert.deepEqual(changed(runs, "a", { name: "mine", shown: true })[1], { id: "a", n: 1, name: "mine", shown: true });
  assert.deepEqual(removed(runs, "b").map(({ id }) => id), ["a"]);
});

test("what the browser has stored is read with care", () => {
  const stored = {};
  globalThis.localStorage = { getItem: (key) => stored[key] ?? null, setItem: (key, value) => { stored[key] = value; } };
  assert.deepEqual(readRuns(), []);
  writeRuns(added([], "a"));
  assert.deepEqual(readRuns(), [{ id: "a", n: 1, name: "", shown: false }]);
  for (const broken of ["{", '{"id": 1}', '[{"id": 3}, null]']) {
    stored.rnnlab_earlier = broken;
    assert.deepEqual(readRuns(), []);
  }
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get() { throw new Error("forbidden"); } });
  assert.equal(readRuns(), null);
  writeRuns([]);
});
