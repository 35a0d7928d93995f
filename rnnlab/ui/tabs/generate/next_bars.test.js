import assert from "node:assert/strict";
import test from "node:test";

globalThis.rnnlab = { language: () => "en" };
const { rowOf, sentenceOf, share, tokenOfKey, topOf } = await import("./next_bars.js");

const found = { place: 3, rows: [["a", 1, 0.42, 0.6], ["\n", 2, 0.3, 0.4], ["c", 3, 0.1, 0]], others: [7, 0.18, 0], kept: 2, drawn: "a" };

test("the scale ends just above the highest bar, also that of all others", () => {
  assert.equal(topOf(found), 1);
  assert.equal(topOf({ ...found, rows: [["a", 1, 0.04, 0.05]] }), 0.2);
  assert.equal(topOf({ ...found, rows: [["a", 1, 0.001, 0.001]], others: [0, 0, 0] }), 0.02);
});

test("a digit picks the bar of its number", () => {
  assert.deepEqual(["1", "2", "4", "0", "a", "12", " "].map((key) => tokenOfKey(found, key)), ["a", "\n", undefined, undefined, undefined, undefined, undefined]);
  assert.equal(tokenOfKey(null, "1"), undefined);
});

test("a token is told with its rank and both probabilities, or that it was cut off", () => {
  const words = { figures: "{token}: {rank}, {believed}, {drawn}", figures_cut: "{token}: {rank}, {believed}, cut" };
  assert.equal(sentenceOf(rowOf(found, "\n"), words), "\u2068↵\u2069: 2, 30%, 40%");
  assert.equal(sentenceOf(rowOf(found, "c"), words), "\u2068c\u2069: 3, 10%, cut");
  assert.equal(rowOf(found, "z"), undefined);
  assert.deepEqual([0, 0.00001, 0.0021, 0.5].map(share), ["0%", "<0.1%", "0.2%", "50%"]);
});
