import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { decimal, number, percent, signed, whole } from "./numbers.js";

beforeEach(() => { globalThis.rnnlab = { language: () => "en" }; });

test("a number has significant digits, and is a power of ten beyond six digits", () => {
  assert.deepEqual([number(1234.5678, 4), number(18_920_000_000), number(0.00001234), number(0), number(-2e6)],
    ["1,235", "1.9·10¹⁰", "1.23·10⁻⁵", "0", "−2·10⁶"]);
  assert.equal(number(1_234_567, 9), "1,234,567");
});

test("null is infinite and NaN is no number, as JSON and Python have it", () => {
  assert.deepEqual([number(null), number(undefined), number(-Infinity), number(NaN)], ["∞", "∞", "−∞", "–"]);
  assert.deepEqual([decimal(null), decimal(-Infinity), decimal(NaN)], ["∞", "−∞", "–"]);
});

test("a decimal has fixed places, a real minus and no negative zero", () => {
  assert.deepEqual([decimal(1.005, 1), decimal(-0.5), decimal(-0.001), decimal(634_400)], ["1.0", "−0.50", "0.00", "6.3·10⁵"]);
});

test("a percentage has a decimal only near 0 and 1, where none would say too little", () => {
  assert.deepEqual([0, 0.004, 0.094, 0.1, 0.5, 0.98, 0.991, 1].map((p) => percent(p)), ["0%", "0.4%", "9.4%", "10%", "50%", "98%", "99.1%", "100%"]);
});

test("a percentage in a table has the same number of decimals in each row, and none for what is unknown", () => {
  assert.deepEqual([percent(0.868, 1), percent(1, 1), percent(null, 1), percent(undefined)], ["86.8%", "100.0%", "–", "–"]);
});

test("whole numbers have the separators of the page's language", () => {
  assert.equal(whole(1234567), "1,234,567");
  globalThis.rnnlab = { language: () => "de" };
  assert.equal(whole(1234567), "1.234.567");
});

test("a negative factor stands in brackets", () => {
  assert.deepEqual([signed(0.25), signed(-1.5)], ["0.250", "(−1.500)"]);
});
