import assert from "node:assert/strict";
import test from "node:test";

import { warningOf } from "./progress.js";

test("the most important of what could not be kept is said, with the system's reason", () => {
  const words = { not_saved: "not saved: {reason}", recording_ended: "ended: {reason}", recording_dropped: "dropped" };
  const news = { not_saved: "", recording_ended: "", recording_dropped: false };
  assert.equal(warningOf(news, words), "");
  assert.equal(warningOf({ ...news, recording_dropped: true }, words), "dropped");
  assert.equal(warningOf({ ...news, recording_ended: "full", recording_dropped: true }, words), "ended: full");
  assert.equal(warningOf({ not_saved: "no", recording_ended: "full", recording_dropped: true }, words), "not saved: no");
});
