import assert from "node:assert/strict";
import test from "node:test";

import { direction, fill, joins, languageOfScript, splitLines, visible } from "./text.js";

test("a text is split at line ends, of which the last begins no line", () => {
  assert.deepEqual(splitLines("a\n\nb\n"), ["a", "", "b"]);
  assert.deepEqual(splitLines(""), [""]);
  assert.deepEqual(splitLines("a\n\n"), ["a", ""]);
});

test("characters that cannot be seen have a sign", () => {
  assert.deepEqual([" ", "\u3000", "\n", "\t", "\u0301", "\u200d", "爱", "<eos>", "word"].map(visible), ["␣", "␣", "↵", "⇥", "◌\u0301", "U+200D", "爱", "↵", "word"]);
});

test("a mark or a part of an emoji belongs to the letter before it", () => {
  assert.ok(joins("e", "\u0301"));
  assert.ok(joins("👩\u200d", "🚀"));
  assert.ok(!joins("e", "f"));
  assert.ok(!joins(" ", "\u0301"));
  assert.ok(!joins("", "a"));
  assert.ok(!joins("e" + "\u0301".repeat(16), "\u0301"), "more marks than that are noise");
});

test("a script names a language where it can", () => {
  assert.deepEqual(["分开", "さくら", "노래", "song", "分かれ"].map(languageOfScript), ["zh-CN", "ja", "ko", "", "ja"]);
});

test("the first letter gives the direction", () => {
  assert.deepEqual(["12 שיר", "song שיר", "...", "أغنية"].map(direction), ["rtl", "ltr", "", "rtl"]);
});

test("placeholders are filled in, and without a value they are nothing", () => {
  assert.equal(fill("{n} of {all}{more}", { n: 0, all: 3 }), "0 of 3");
  assert.equal(fill(undefined, {}), "");
});
