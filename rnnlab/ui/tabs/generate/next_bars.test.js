import assert from "node:assert/strict";
import test from "node:test";

globalThis.rnnlab = { language: () => "en" };
const { rowOf, sentenceOf, share, softmaxOf, tokenOfKey, topOf } = await import("./next_bars.js");

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

test("the softmax of a token has its logit, the temperature and the sum, and says what comes before a cut", () => {
  const words = { "softmax": "{token} {score}/{temperature} {log_sum} {probability}", "softmax.cut": "uncut", "softmax.greedy": "{token} {score} {probability}" };
  const logits = [2, 1, -1], sum = Math.log(logits.reduce((all, logit) => all + Math.exp(logit / 0.5), 0));
  const place = { ...found, rows: [["a", 1, 0.42, 0.6, 2], ["b", 2, 0.3, 0.4, 1], ["c", 3, 0.1, 0, -1]], temperature: 0.5, log_sum: sum, is_cut: false };
  assert.equal(softmaxOf(place, "a", words), `\u2068a\u2069 2.000/0.5 ${sum.toFixed(3)} 88%`);
  assert.equal(softmaxOf({ ...place, is_cut: true }, "c", words), `\u2068c\u2069 (−1.000)/0.5 ${sum.toFixed(3)} 0.2% (uncut)`);
  assert.equal(softmaxOf({ ...place, temperature: 0, log_sum: null }, "a", words), "\u2068a\u2069 2.000 60%");
  assert.equal(softmaxOf(place, "z", words), "");
});
