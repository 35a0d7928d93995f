import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { queryOf, statusOf } from "./surprise_status.js";

beforeEach(() => { globalThis.rnnlab = { language: () => "en" }; });

const WORDS = {
  untrained: "before", rounded: "kept {n}", final: "last {n}", exact: "exact {n}", nearest: "not {wanted}",
  nearest_until: "training {wanted}", nearest_long: "{wanted} takes over {seconds} s",
};

test("the status names the epoch that is shown, and why it is not the wanted one", () => {
  const value = { epoch: 4, wanted: 5, source: "rounded", replay: "none", replay_seconds: 20 };
  assert.equal(statusOf(value, WORDS), "kept 4 not 5");
  assert.equal(statusOf({ ...value, replay: "possible" }, WORDS), "kept 4 training 5");
  assert.equal(statusOf({ ...value, replay: "too_long" }, WORDS), "kept 4 5 takes over 20 s");
  assert.equal(statusOf({ ...value, epoch: 5, source: "exact" }, WORDS), "exact 5");
  assert.equal(statusOf({ ...value, source: "final" }, WORDS), "last 4");
  assert.equal(statusOf({ ...value, epoch: 0, wanted: 0 }, WORDS), "before");
});

test("the last epoch has no number in a query, and a text that is on the page is not asked for again", () => {
  const starts = { training: 3000, held_out: 0 };
  assert.equal(`${queryOf(null, starts, false)}`, "training=3000&held_out=0&lang=en");
  assert.equal(`${queryOf(7, starts, true)}`, "training=3000&held_out=0&lang=en&epoch=7&bare=");
});
