import assert from "node:assert/strict";
import test from "node:test";

import { noExpected } from "./surprise_box.js";

test("without an answer the box says why, and where no weights are kept it says nothing", () => {
  const words = { lost_expected: "choose it again" };
  assert.equal(noExpected({ status: 0, body: null }, words), "choose it again");
  assert.equal(noExpected({ status: 400, body: { message: "place must be at least 1" } }, words), "place must be at least 1");
  assert.equal(noExpected({ status: 404, body: { state: "gone" } }, words), "");
});

test("a server that has failed is told as one that is away, and a newer question is not told", () => {
  const words = { lost_expected: "choose it again" };
  assert.equal(noExpected({ status: 500, body: null }, words), "choose it again");
  assert.equal(noExpected({ status: 409, body: { state: "superseded" } }, words), "");
});
