// @ts-check
import assert from "node:assert/strict";
import test from "node:test";

import { acrosticCard } from "./acrostic_card.js";

test("the card has a text for each line, with the head in a colour of its own", () => {
  const { svg, width, height } = acrosticCard([["", "风", "从前面来"], ["", "雨", "隔着时差"]], "GRU");
  assert.equal(svg.match(/<text /g)?.length, 3);
  assert.match(svg, /<tspan[^>]*>风<\/tspan>从前面来<\/text>/);
  assert.ok(width >= 360 && height > 2 * 54);
});

test("markup in a line stays text, and characters that XML lacks are left out", () => {
  const { svg } = acrosticCard([["a<b&", "\"", "\u0001</svg>"]], "<i>");
  assert.ok(!/<b&|<i>/.test(svg) && !svg.includes("\u0001"));
  assert.equal(svg.match(/<\/svg>/g)?.length, 1);
  assert.match(svg, /a&#60;b&#38;/);
});

test("the card is as wide as its longest line, and a line from the right begins at the right", () => {
  const wide = acrosticCard([["", "春", "夏".repeat(30)]], ""), latin = acrosticCard([["", "a", "b".repeat(30)]], "");
  assert.ok(wide.width > latin.width);
  assert.match(acrosticCard([["", "ש", "לום"]], "", true).svg, /<text x="312"[^>]*direction="rtl"/);
});
