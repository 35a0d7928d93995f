// @ts-check
// A perplexity as the hand of a logarithmic scale, with the undamaged network and the blind guess marked.

import { number } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { Words } from "../../frontend/types.d.ts" */

const MAX_DECADES = 12; // beyond, the hand stands at the end

/**
 * Return the last power of ten of the scale: one beyond the blind guess, or where the perplexity is.
 * @param {number} blind
 * @param {number | null} after null is infinite
 */
export const decadesOf = (blind, after) =>
  Math.min(MAX_DECADES, Math.max(Math.ceil(Math.log10(blind)) + 1, after === null ? MAX_DECADES : Math.ceil(Math.log10(Math.max(1, after)))));

/**
 * Return how far along a logarithmic scale a perplexity is, 0 for 1 and 1 for its end.
 * @param {number | null} value
 * @param {number} decades
 */
export const along = (value, decades) => (value === null ? 1 : Math.max(0, Math.min(1, Math.log10(Math.max(1, value)) / decades)));

/**
 * @param {HTMLElement} host
 * @param {{ before: number | null, after: number | null, blind: number }} found
 * @param {Words} words
 */
export function drawNeedle(host, { before, after, blind }, words) {
  const decades = decadesOf(blind, after);
  const percent = (/** @type {number | null} */ value) => `${100 * along(value, decades)}%`;
  if (!host.firstChild) host.append(make("div", "track"), make("div", "fill"), make("div", "hand"), make("div", "labels"));
  const [, bar, hand, labels] = /** @type {HTMLElement[]} */ ([...host.children]);
  bar.style.left = percent(before);
  bar.style.width = `${100 * Math.max(0, along(after, decades) - along(before, decades))}%`;
  hand.style.left = percent(after);
  const step = decades > 8 ? 2 : 1;
  const ticks = Array.from({ length: Math.floor(decades / step) + 1 }, (_, i) => placed(make("span", "tick", number(10 ** (i * step))), `${(100 * i * step) / decades}%`));
  labels.replaceChildren(
    ...ticks, placed(make("span", "mark left", words.mark_undamaged), percent(before)), placed(make("span", "mark", fill(words.mark_blind, { blind: number(blind, 4) })), percent(blind)),
  );
  host.setAttribute("aria-label", fill(words.needle, { before: number(before), after: number(after), blind: number(blind, 4) }));
}

/** @param {HTMLElement} node @param {string} left */
function placed(node, left) {
  node.style.left = left;
  return node;
}
