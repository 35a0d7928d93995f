// @ts-check
// The lanes of a race as cards, and the times at the marks as a table.

import { decimal, number, whole } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill, languageOfScript, splitLines } from "../../frontend/lib/text.js";
import { placesOf, shareOfWay } from "./rows.js";

/** @import { Words } from "../../frontend/types.d.ts" */
/** @import { Axis, Lane, Race } from "./rows.js" */

const SHOWN_LINES = 2;
/** @type {Record<string, string>} Plotly's dashes as those of SVG, for a line of 40 */
const SVG_DASHES = { solid: "", dash: "10 5", dot: "4 4", dashdot: "12 4 4 4" };

/** @param {Words} words @param {number} i */
export const labelOf = (words, i) => words[`figure.lane.${i}`] ?? "";

/**
 * Write a number of what an axis counts.
 * @param {Words} words
 * @param {Axis} axis
 * @param {number | null | undefined} value
 */
export function amount(words, axis, value) {
  if (value === null || value === undefined) return "–";
  const text = axis === "seconds" ? decimal(value, value < 10 ? 2 : 1) : whole(Math.round(value));
  return fill(words[`amount.${axis}`], { n: text });
}

/**
 * Make the cards of a race, each with the colour and the dash of its lane.
 * @param {Words} words
 * @param {{ color: string, dash: string }[]} lines
 */
export function makeCards(words, lines) {
  return lines.map(({ color, dash }, i) => {
    const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg"), line = document.createElementNS(swatch.namespaceURI, "path");
    swatch.setAttribute("viewBox", "0 0 40 8");
    swatch.setAttribute("aria-hidden", "true");
    line.setAttribute("d", "M0 4h40");
    line.setAttribute("stroke-dasharray", SVG_DASHES[dash] ?? "");
    swatch.append(line);
    const way = make("div", "way", make("i"));
    way.setAttribute("role", "progressbar");
    way.setAttribute("aria-label", fill(words.way, { lane: labelOf(words, i) }));
    way.setAttribute("aria-valuemin", "0");
    way.setAttribute("aria-valuemax", "100");
    const name = make("h2", "", labelOf(words, i));
    name.title = labelOf(words, i);
    const card = make("section", "lane", make("header", "", /** @type {any} */ (swatch), name, make("span", "place")), way, make("p", "numbers"), make("p", "song"));
    card.dataset.lane = String(i);
    card.style.setProperty("--lane", color);
    return card;
  });
}

/**
 * Show how the lanes stand.
 * @param {ParentNode} panel
 * @param {Race} race
 * @param {Axis} axis
 * @param {Words} words
 */
export function showCards(panel, race, axis, words) {
  const places = placesOf(race, axis);
  race.lanes.forEach((lane, i) => {
    const card = /** @type {HTMLElement} */ (panel.querySelector(`.lane[data-lane="${i}"]`));
    if (!card) return;
    const share = shareOfWay(lane, race.started), way = card.querySelector(".way");
    card.style.setProperty("--share", share.toFixed(4));
    way.setAttribute("aria-valuenow", String(Math.round(100 * share)));
    card.querySelector(".place").textContent = placeText(lane, places[i], words);
    card.querySelector(".numbers").replaceChildren(...numbersOf(lane, race, words).map((text) => make("span", "", text)));
    const song = /** @type {HTMLElement} */ (card.querySelector(".song"));
    song.textContent = splitLines(lane.sample).slice(0, SHOWN_LINES).join("\n");
    song.lang = languageOfScript(lane.sample);
  });
}

/** @param {Lane} lane @param {number | null} place @param {Words} words */
function placeText(lane, place, words) {
  if (lane.retired) return words.retired;
  return place ? words[`place.${place}`] ?? "" : "";
}

/** @param {Lane} lane @param {Race} race @param {Words} words */
function numbersOf(lane, race, words) {
  const last = lane.epochs.at(-1), at = last ?? lane.minibatches.at(-1);
  if (!at) return [];
  const perplexity = last ? last.perplexity : lane.minibatches.at(-1).y;
  return [
    fill(words["lane.epoch"], { epoch: Math.ceil(lane.minibatches.at(-1)?.epochs ?? at.epochs), epochs: race.started?.epochs }),
    fill(words["lane.perplexity"], { n: number(perplexity, 4) }),
    amount(words, "seconds", lane.minibatches.at(-1)?.seconds ?? at.seconds),
  ];
}

/**
 * Fill the table of times: a row per lane, a column per mark; the first lane at each mark stands out.
 * @param {HTMLElement} table
 * @param {Race} race
 * @param {Axis} axis
 * @param {Words} words
 */
export function showSplits(table, race, axis, words) {
  const marks = race.started?.marks ?? [], target = race.started?.target_perplexity;
  const heads = marks.map((mark) => {
    const head = make("th", mark === target ? "finish" : "", fill(words[mark === target ? "mark.finish" : "mark"], { n: number(mark, 4) }));
    head.scope = "col";
    return head;
  });
  const best = marks.map((mark) => Math.min(...race.lanes.map((lane) => lane.splits.get(mark)?.[axis] ?? Infinity)));
  const rows = race.lanes.map((lane, i) => {
    const cells = marks.map((mark, k) => {
      const at = lane.splits.get(mark)?.[axis], cell = make("td", mark === target ? "finish" : "", amount(words, axis, at));
      if (at !== undefined && at === best[k]) cell.dataset.first = "";
      return cell;
    });
    return make("tr", "", Object.assign(make("th", "", labelOf(words, i)), { scope: "row" }), ...cells);
  });
  const corner = Object.assign(make("th", "", words.perplexity), { scope: "col" });
  table.replaceChildren(make("thead", "", make("tr", "", corner, ...heads)), make("tbody", "", ...rows));
}
