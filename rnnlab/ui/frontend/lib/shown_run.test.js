import assert from "node:assert/strict";
import { test } from "node:test";

import { followShown, tellShown } from "./shown_run.js";

test("a follower learns the present run, each change once, and nothing of other tabs", () => {
  const seen = [];
  tellShown("train", { reference: "curves/x", epoch: 20 });
  followShown("train", (run) => seen.push(`${run.reference} ${run.epoch}`));
  tellShown("train", { reference: "curves/x", epoch: 20 });
  tellShown("sine", { reference: "runs/s", epoch: 1 });
  tellShown("train", { reference: "runs/a", epoch: 0 });
  tellShown("train", { reference: "runs/a", epoch: 1 });
  assert.deepEqual(seen, ["curves/x 20", "runs/a 0", "runs/a 1"]);
});

test("a panel that is attached anew takes the place of the earlier one", () => {
  const seen = [];
  followShown("hello", () => seen.push("first"));
  followShown("hello", () => seen.push("second"));
  tellShown("hello", { reference: "runs/a", epoch: 1 });
  assert.deepEqual(seen, ["second"]);
});
