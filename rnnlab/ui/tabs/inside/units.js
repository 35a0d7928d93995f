// @ts-check
// Units: the text coloured by one unit's value, and all units × time, the most telling first. N and P, or the buttons,
// walk through the units.

import { decimal, whole } from "../../frontend/lib/numbers.js";
import { attachment, joinSentences, onChange, roles } from "../../frontend/lib/page.js";
import { fill, visible } from "../../frontend/lib/text.js";
import { UnitMap, bytesOf } from "./unit_map.js";
import { chosenAmong, fillOptions, followWords, stateName } from "./states.js";

/** @import { OpenedValue, UnitsValue, Words } from "../../frontend/types.d.ts" */
/** @import { Strip } from "./strip.js" */

const STEPS = 32767; // of the full colour, as `units.py` sends a value
const ROW = 5; // px of a unit in the picture, at least
const WALK = /** @type {Record<string, number>} */ ({ n: 1, b: -1 });

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {HTMLElement} */
let element;
/** @type {Strip} */
let strip;
/** @type {(query: Record<string, string>) => Promise<UnitsValue | null>} */
let ask;
/** @type {Words} */
let words = {};
/** @type {UnitMap} */
let map;
/** @type {OpenedValue | null} */
let opened = null;
/** @type {UnitsValue | null} */
let value = null;
let valueOf = ""; // the key of the text that it is of
let numbers = new Int16Array();
let chosen = 0; // row
let shown = false;

const columns = () => numbers.length / value.units.length;
const isCurrent = () => value !== null && valueOf === opened?.key;
/** @param {number} row @param {number} column */
const shareOf = (row, column) => numbers[row * columns() + column] / STEPS;

async function load() {
  const query = { state: chosenAmong(role("state"), opened.states) || "all", measure: chosenAmong(role("measure"), opened.measures) };
  const before = value?.units[chosen];
  const found = await ask(query);
  if (!found) return;
  [value, valueOf] = [found, opened.key];
  numbers = new Int16Array(bytesOf(found.values).buffer);
  // another epoch or text: the same unit stays in view, another measure begins with the most telling one
  const same = before && found.measure === element.dataset.measure ? found.units.findIndex(([state, index]) => state === before[0] && index === before[1]) : -1;
  element.dataset.measure = found.measure;
  fillChoices();
  drawMap();
  choose(Math.max(0, same));
}

function drawMap() {
  if (!value) return;
  role("map").style.height = `${value.units.length * ROW}px`;
  map.draw(value.units.length, columns(), shareOf);
}

/** Choose a unit by its row. @param {number} row */
function choose(row) {
  if (!value) return;
  chosen = Math.max(0, Math.min(value.units.length - 1, row));
  paint();
  write();
}

function paint() {
  if (!isCurrent() || !shown) return;
  strip.paint(Array.from({ length: columns() }, (_, column) => shareOf(chosen, column)));
  map.mark(chosen, strip.cursor);
}

function fillChoices() {
  fillOptions(role("state"), ["all", ...value.states], value.state, (name) => (name === "all" ? words.all : stateName(name, words)));
  fillOptions(role("measure"), value.measures, value.measure, (name) => words[`measure.${name}`]);
}

function write() {
  if (!value) return;
  const [state, index, score, r] = value.units[chosen], limit = value.limits[chosen];
  const place = { n: whole(chosen + 1), total: whole(value.total) };
  role("unit").textContent = fill(words.unit, { unit: index, state: stateName(state, words) });
  role("score").textContent = fill(words[r === null ? "share" : "r"], { score: decimal(score), r: decimal(r), ...place });
  [role("low").textContent, role("high").textContent] = [decimal(-limit, 1), decimal(limit, 1)];
  role("before").disabled = chosen === 0;
  role("after").disabled = chosen === value.units.length - 1;
  const few = value.units.length < value.total ? words.first_of : words.all_of;
  role("rows").textContent = fill(few, { shown: whole(value.units.length), total: whole(value.total) });
  const chance = value.chance === null ? "" : fill(words.chance, { r: decimal(value.chance) });
  role("reading").textContent = joinSentences([words.reading, words[`about.${value.measure}`], chance]);
  role("canvas").setAttribute("aria-label", fill(words.map, place));
  element.dataset.unit = `${state} ${index}`; // the browser tests read it
  tellValue();
}

/** Say the unit's value at the cursor beside the measure. */
function tellValue() {
  if (!isCurrent() || !shown) return;
  const at = strip.cursor;
  map.mark(chosen, at);
  role("here").textContent = fill(words.here, { value: decimal(shareOf(chosen, at) * value.limits[chosen]), piece: visible(strip.pieces[at] ?? "") });
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target), step = WALK[event.key.toLowerCase()];
  if (!shown || !step || event.ctrlKey || event.altKey || event.metaKey || target.matches("input, textarea, select")) return;
  if (!element.getClientRects().length) return; // another tab of the page is shown
  event.preventDefault();
  choose(chosen + step);
}

export const section = {
  name: "units",

  /** @param {HTMLElement} root @param {Strip} text @param {(query: Record<string, string>) => Promise<any>} asking */
  attach(root, text, asking) {
    const signal = attachment("inside units");
    [element, strip, ask, opened, value, shown] = [root, text, asking, null, null, false];
    role = roles(root);
    map = new UnitMap(role("map"), (row, column) => { choose(row); strip.go(column); });
    for (const name of ["state", "measure"]) role(name).addEventListener("change", load);
    role("before").addEventListener("click", () => choose(chosen - 1));
    role("after").addEventListener("click", () => choose(chosen + 1));
    document.addEventListener("keydown", onKey, { signal });
    strip.listen({ cursor: tellValue });
    followWords(root, "units", (known) => { words = known; if (value) { fillChoices(); write(); } });
    onChange(["theme"], drawMap);
  },

  /** @param {OpenedValue} now */
  draw(now) {
    opened = now;
    if (opened.states.length) load();
  },

  show() {
    shown = true;
    paint();
  },

  hide() {
    shown = false;
  },
};
