// @ts-check
// Find alike: the units that are on over the selected characters, and the places of the training text where the same
// units are on.

import { decimal, whole } from "../../frontend/lib/numbers.js";
import { make, onChange, roles } from "../../frontend/lib/page.js";
import { fill, visible } from "../../frontend/lib/text.js";
import { chosenAmong, fillOptions, followWords, stateName } from "./states.js";
import { UnitMap } from "./unit_map.js";

/** @import { AlikePlace, AlikeValue, OpenedValue, Words } from "../../frontend/types.d.ts" */
/** @import { Strip } from "./strip.js" */

const SETTLED = 200; // milliseconds that a selection or the slider rests before the server is asked
const SLOW = 800; // until the section says that the training text is read
const FIRST = [4, 7]; // characters that are selected at first
const STEPS = 20; // of the slider

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {HTMLElement} */
let element;
/** @type {Strip} */
let strip;
/** @type {(query: Record<string, string>) => Promise<AlikeValue | null>} */
let ask;
/** @type {Words} */
let words = {};
/** @type {UnitMap} */
let map;
/** @type {OpenedValue | null} */
let opened = null;
/** @type {AlikeValue | null} */
let value = null;
let shown = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function later() {
  writeThreshold();
  if (!shown || !opened?.states.length) return;
  clearTimeout(timer);
  timer = setTimeout(load, SETTLED);
}

/** @returns {Promise<void>} */
async function load() {
  const query = { state: chosenAmong(role("state"), opened.states), first: `${strip.first}`, last: `${strip.last}`, threshold: role("threshold").value };
  const slow = setTimeout(() => { Object.assign(role("searched"), { textContent: words.searching ?? "", hidden: false }); }, SLOW);
  element.setAttribute("data-busy", "");
  const found = await ask(query);
  clearTimeout(slow);
  if (!found) return void element.removeAttribute("data-busy");
  element.removeAttribute("data-busy");
  value = found;
  const step = value.limit / STEPS;
  Object.assign(role("threshold"), { min: step, max: value.limit, step: step });
  role("threshold").value = value.threshold;
  drawMap();
  write();
}

function drawMap() {
  if (!value) return;
  role("map").toggleAttribute("data-nothing", !value.values.length);
  map.draw(value.values.length, value.values[0]?.length ?? 0, (row, column) => value.values[row][column]);
  map.mark(-1, strip.cursor);
}

const writeThreshold = () => { role("value").textContent = decimal(Number(role("threshold").value)); };

function write() {
  if (!value) return;
  fillOptions(role("state"), value.states, value.state, (name) => stateName(name, words));
  writeThreshold();
  const text = [...value.selection].map((character) => (character === " " ? " " : visible(character))).join("");
  role("selection").textContent = fill(words.selection, { text });
  const above = value.on.filter(([, sign]) => sign > 0).length, below = value.on.length - above;
  role("on").textContent = fill(words[value.on.length ? "on" : "none_on"], { n: whole(value.on.length), above: whole(above), below: whole(below), threshold: decimal(value.threshold) });
  role("canvas").setAttribute("aria-label", fill(words.map, { n: whole(value.on.length) }));
  role("searched").textContent = fill(words[value.searched < value.total ? "searched_first" : "searched"], { searched: whole(value.searched), total: whole(value.total) });
  for (const name of ["places", "searched"]) role(name).hidden = !value.places.length;
  role("rows").replaceChildren(...value.places.map(placeRow));
  element.dataset.asked = `${value.first} ${value.last} ${value.threshold}`; // the browser tests read it
}

/** @param {AlikePlace} place */
function placeRow(place) {
  const row = make("tr"), written = (/** @type {string} */ text) => text.replaceAll("\n", "↵");
  const around = make("div", "around", make("span", "before", make("bdi", "", written(place.before))), make("mark", "", written(place.passage)), make("span", "", written(place.after)));
  row.append(...[decimal(place.score, 0), whole(place.shared), whole(place.others), whole(place.start + 1), around].map((content) => make("td", "", content)));
  return row;
}

export const section = {
  name: "alike",

  /** @param {HTMLElement} root @param {Strip} text @param {(query: Record<string, string>) => Promise<any>} asking */
  attach(root, text, asking) {
    [element, strip, ask, opened, value, shown] = [root, text, asking, null, null, false];
    role = roles(root);
    map = new UnitMap(role("map"), (_, column) => strip.go(column));
    role("state").addEventListener("change", later);
    role("threshold").addEventListener("input", later);
    strip.listen({ selection: later, cursor: () => map.mark(-1, strip.cursor) });
    followWords(root, "alike", (known) => { words = known; write(); });
    onChange(["theme"], drawMap);
  },

  /** @param {OpenedValue} now */
  draw(now) {
    opened = now;
    if (strip.first === strip.last && strip.cursor === 0) strip.select(Math.min(FIRST[0], strip.pieces.length - 1), Math.min(FIRST[1], strip.pieces.length - 1));
    if (opened.states.length) load();
  },

  show() {
    shown = true;
    if (value && element.dataset.asked !== `${strip.first} ${strip.last} ${value.threshold}`) later();
  },

  hide() {
    shown = false;
    clearTimeout(timer);
  },
};
