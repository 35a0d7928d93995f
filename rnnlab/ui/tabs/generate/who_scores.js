// @ts-check
// The scores of "who wrote this?": rounds and fooled guesses by model and epoch, and their picture.

import { percent } from "../../frontend/lib/numbers.js";
import { svg } from "../../frontend/lib/svg.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { Words } from "../../frontend/types.d.ts" */

/** @typedef {Record<string, Record<string, [number, number]>>} Scores [fooled, played] by whose model and epoch */

const WIDTH = 640, HEIGHT = 240, LEFT = 56, RIGHT = 24, TOP = 16, BOTTOM = 44; // CSS pixels
const CHANCE = 0.75; // of being fooled, for who guesses blindly among four

/**
 * Count a guess.
 * @param {Scores} scores
 * @param {string} whose
 * @param {number | null} epoch
 * @param {boolean} isFooled
 * @returns {Scores}
 */
export function counted(scores, whose, epoch, isFooled) {
  const own = scores[whose] ?? {}, key = String(epoch ?? ""), [fooled, played] = own[key] ?? [0, 0];
  return { ...scores, [whose]: { ...own, [key]: [fooled + Number(isFooled), played + 1] } };
}

/**
 * Return the points of the picture by epoch; none for a model without epochs.
 * @param {Record<string, [number, number]>} own
 */
export const pointsOf = (own) => Object.entries(own).filter(([epoch]) => epoch !== "")
  .map(([epoch, [fooled, played]]) => ({ epoch: Number(epoch), fooled, played, share: fooled / played }))
  .sort((left, right) => left.epoch - right.epoch);

/**
 * Draw the share that was fooled against the epoch.
 * @param {ReturnType<typeof pointsOf>} points
 * @param {Words} words
 */
export function scoreChart(points, words) {
  const last = Math.max(1, ...points.map(({ epoch }) => epoch));
  /** @param {number} epoch */
  const x = (epoch) => LEFT + (epoch / last) * (WIDTH - LEFT - RIGHT);
  /** @param {number} share */
  const y = (share) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const said = points.map((point) => fill(words["who.point"], point)).join("; ");
  const grid = [0, 0.5, 1].flatMap((share) => [
    svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(share), y2: y(share) }),
    svg("text", { x: LEFT - 8, y: y(share) + 5, "text-anchor": "end" }, percent(share, 0)),
  ]);
  const epochs = [...new Set([0, ...points.map(({ epoch }) => epoch)])].filter((epoch, at, all) => !at || x(epoch) - x(all[at - 1]) > 24);
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${words["who.chart"] ?? ""}: ${said}` },
    ...grid,
    svg("line", { class: "chance", x1: LEFT, x2: WIDTH - RIGHT, y1: y(CHANCE), y2: y(CHANCE) }),
    svg("text", { x: LEFT + 6, y: y(CHANCE) - 6 }, words["who.chance"]),
    ...epochs.map((epoch) => svg("text", { x: x(epoch), y: HEIGHT - BOTTOM + 22, "text-anchor": "middle" }, String(epoch))),
    svg("text", { x: WIDTH - RIGHT, y: HEIGHT - 4, "text-anchor": "end" }, words["who.axis"]),
    svg("polyline", { class: "curve", points: points.map(({ epoch, share }) => `${x(epoch)},${y(share)}`).join(" ") }),
    ...points.map((point) => svg("circle", { cx: x(point.epoch), cy: y(point.share), r: 7 }, svg("title", {}, fill(words["who.point"], point)))));
}
