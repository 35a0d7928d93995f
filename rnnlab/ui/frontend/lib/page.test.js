import assert from "node:assert/strict";
import test from "node:test";

import { attachment, inLanguage, joinSentences, language } from "./page.js";

const setLanguage = (html, key, sentenceSpace) => {
  globalThis.rnnlab = { language: () => html, languageKey: () => key, sentenceSpace: () => sentenceSpace };
};

test("a value is that of the page's language, else the first", () => {
  setLanguage("zh-CN", "zh", "");
  assert.equal(inLanguage({ en: "a", zh: "一" }), "一");
  setLanguage("eo", "eo", " ");
  assert.equal(inLanguage({ en: "a", zh: "一" }), "a");
  assert.equal(language(), "eo");
});

test("sentences are joined with the space of the page's language, and empty ones are left out", () => {
  setLanguage("en", "en", " ");
  assert.equal(joinSentences(["One.", undefined, "", "Two."]), "One. Two.");
  setLanguage("zh-CN", "zh", "");
  assert.equal(joinSentences(["一。", "二。"]), "一。二。");
});

test("a panel that is attached anew ends its own listeners, and no others", () => {
  const target = new EventTarget(), heard = [];
  for (const [who, name] of [["a", "a1"], ["b", "b1"], ["a", "a2"]]) {
    target.addEventListener("x", () => heard.push(name), { signal: attachment(who) });
  }
  target.dispatchEvent(new Event("x"));
  assert.deepEqual(heard, ["b1", "a2"]);
});
