// @ts-check
// Two pictures of the gates: their means along the text as lines, and of each unit how often it is closed and open.

import { percent } from "../../frontend/lib/numbers.js";
import { svg } from "../../frontend/lib/svg.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { GateLine, GateUnits, Words } from "../../frontend/types.d.ts" */

const PERMILLE = 1000;
const SIDE = 200; // of the square in which units stand, in units of the viewBox

/**
 * Draw a line for each gate: its mean over the units at each character, from 0 below to 1 above.
 * @param {SVGElement} host
 * @param {readonly GateLine[]} gates
 * @param {string} chosen its key; drawn last and thicker
 */
export function drawLines(host, gates, chosen) {
  const count = gates[0]?.along.length ?? 0;
  host.setAttribute("viewBox", `0 0 ${Math.max(1, count)} ${PERMILLE}`);
  const ordered = [...gates].sort((a, b) => Number(a.key === chosen) - Number(b.key === chosen));
  host.replaceChildren(
    ...[0.25, 0.5, 0.75].map((y) => svg("line", { x1: 0, x2: count, y1: y * PERMILLE, y2: y * PERMILLE })),
    ...ordered.map(({ key, letter, along }) => svg("polyline", {
      class: key === chosen ? "on" : "", style: `--colour: var(--gate-${letter})`,
      points: along.map((mean, place) => `${place + 0.5},${PERMILLE - mean}`).join(" "),
    })),
  );
}

/**
 * Draw a dot for each unit: to the right the share of the text in which its gate is above 0.9, upwards below 0.1.
 * @param {SVGElement} host
 * @param {GateUnits} units
 * @param {string} letter
 * @param {number} chosen unit
 * @param {Words} words
 */
export function drawSaturation(host, units, letter, chosen, words) {
  const at = (/** @type {number} */ share) => (share / PERMILLE) * SIDE;
  const dots = units.low.map((low, unit) => {
    const dot = svg("circle", { cx: at(units.high[unit]), cy: SIDE - at(low), r: unit === chosen ? 6 : 4, class: unit === chosen ? "on" : "" });
    dot.dataset.unit = `${unit}`;
    dot.append(svg("title", {}, fill(words.dot, { unit, low: percent(low / PERMILLE), high: percent(units.high[unit] / PERMILLE) })));
    return dot;
  });
  dots.push(...dots.splice(chosen, 1)); // the chosen one over the others
  host.setAttribute("style", `--colour: var(--gate-${letter})`);
  host.replaceChildren(
    svg("line", { x1: 0, y1: 0, x2: 0, y2: SIDE }), svg("line", { x1: 0, y1: SIDE, x2: SIDE, y2: SIDE }),
    svg("path", { d: `M0 0L${SIDE} ${SIDE}` }),
    svg("text", { x: SIDE, y: SIDE + 30, "text-anchor": "end" }, words.axis_high),
    svg("text", { x: -SIDE / 2, y: -20, "text-anchor": "middle", transform: "rotate(-90)" }, words.axis_low),
    svg("text", { x: 0, y: SIDE + 15, "text-anchor": "middle" }, "0"), svg("text", { x: SIDE, y: SIDE + 15, "text-anchor": "middle" }, "1"),
    svg("text", { x: -6, y: 6, "text-anchor": "end" }, "1"),
    ...dots,
  );
}
