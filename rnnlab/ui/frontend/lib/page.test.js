import assert from "node:assert/strict";
import test from "node:test";

import { inLanguage, language } from "./page.js";

test("a value is that of the page's primary language, else the first", () => {
  globalThis.rnnlab = { language: () => "zh-CN" };
  assert.equal(inLanguage({ en: "a", zh: "一" }), "一");
  globalThis.rnnlab = { language: () => "eo" };
  assert.equal(inLanguage({ en: "a", zh: "一" }), "a");
  assert.equal(language(), "eo");
});
