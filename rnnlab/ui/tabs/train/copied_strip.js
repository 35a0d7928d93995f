// @ts-check
// The strip under the curve: the share of the samples that stands word for word in the training text, by epoch, on the
// same x axis.

import { percent } from "../../frontend/lib/numbers.js";
import { svg } from "../../frontend/lib/svg.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { Axis, Words } from "../../frontend/types.d.ts" */

const MARGIN = 4; // px above 100% and below 0%: a line on the edge would be cut
const MAX_DOTS = 63; // epochs on the axis up to which each has a dot, as on the curve above

/** @typedef {{ epoch: number, share: number }} Share */

/**
 * Place shares on the strip: [x, y] in px from its upper left corner.
 * @param {Share[]} shares
 * @param {Pick<Axis, "range" | "_length">} axis of the curve
 * @param {number} height px
 * @returns {[number, number][]}
 */
export function placesOf(shares, { range: [from, to], _length: width }, height) {
  const inner = height - 2 * MARGIN;
  return shares.map(({ epoch, share }) => [((epoch - from) / (to - from)) * width, MARGIN + (1 - share) * inner]);
}

/**
 * Draw the strip, as wide as the curve's axis.
 * @param {SVGElement} strip
 * @param {Share[]} shares in the order of their epochs
 * @param {Axis} axis
 * @param {Words} words
 */
export function drawStrip(strip, shares, axis, words) {
  strip.toggleAttribute("hidden", !shares.length);
  if (!shares.length) return;
  const height = strip.clientHeight, width = axis._length, bottom = height - MARGIN;
  strip.style.marginInlineStart = `${axis._offset}px`;
  strip.style.width = `${width}px`;
  const [first, last] = [shares[0], shares.at(-1)];
  strip.setAttribute("aria-label", fill(words["copied.curve"], {
    first: first.epoch, first_share: percent(first.share), last: last.epoch, last_share: percent(last.share),
  }));
  const places = placesOf(shares, axis, height);
  const inner = svg("svg", { width, height, class: "inner" });
  inner.append(svg("polyline", { points: places.map((place) => place.map((value) => value.toFixed(1)).join()).join(" ") }));
  if (axis.range[1] - axis.range[0] <= MAX_DOTS) inner.append(...places.map(([cx, cy]) => svg("circle", { cx, cy, r: 3 })));
  const nameAt = last.share > 0.5 ? bottom - 5 : MARGIN + 14; // where the line is not
  strip.replaceChildren(
    svg("path", { class: "grid", d: `M0 ${MARGIN}H${width}M0 ${bottom}H${width}` }),
    inner,
    svg("text", { class: "tick", x: -4, y: MARGIN + 9 }, percent(1, 0)),
    svg("text", { class: "tick", x: -4, y: bottom + 2 }, percent(0, 0)),
    svg("text", { class: "name", x: width - 4, y: nameAt }, words["copied.name"]),
  );
}
