// @ts-check
// The section Gradient: the text coloured by how strongly the prediction of the chosen character depends on the state
// after each earlier one, and the same against the lag for several networks. Both scales are absolute: they never
// follow the largest value. The section is on the page once, so its state is the module's.

import { draw as drawFigure } from "../../frontend/lib/figures.js";
import { decimal, number } from "../../frontend/lib/numbers.js";
import { followLanguage, language, make, onChange, queryAll, roles } from "../../frontend/lib/page.js";
import { fill, visible } from "../../frontend/lib/text.js";
import { OtherCells } from "./other_cells.js";

/** @import { Figure, GradientAnswer, GradientPicture, InsideSection, OpenedValue, Words } from "../../frontend/types.d.ts" */
/** @import { Strip } from "./strip.js" */

const VIEWS = ["training", "cells", "bias"], LETTERS = ["c", "h"];
const LOWEST = -6; // the power of ten without a colour; 1 has the full one
const POWERS = ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "0.1", "1"];
const TOLD_LAGS = [0, 10, 20, 50];
const MAX_LAGS = 100; // as in rnnlab.inspection.gradient_lens
const FIRST_PLACE = 60; // that is chosen where none is

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Strip} */
let strip;
/** @type {(query: Record<string, string>) => Promise<GradientAnswer | null>} */
let ask;
/** @type {Words} */
let words = {};
/** @type {OpenedValue | null} */
let opened = null;
/** @type {OtherCells} */
let others;
/** @type {GradientAnswer | null} */
let lens = null;
/** @type {GradientPicture | null} */
let picture = null;
let drawn = ""; // what `picture` is of
let [view, letter] = [VIEWS[0], LETTERS[0]];
let [isShown, isAsking, isWaiting] = [false, false, false];

/** @returns {string} what the figure is to be of */
const wanted = () => [opened.key, view, letter, language()].join(" ");

/** Ask for the chosen place, and for the figure if it is of something else; one question at a time. @returns {Promise<void>} */
async function update() {
  if (!isShown || !opened?.states.length || !words.title) return;
  if (isAsking) return void (isWaiting = true);
  const { cursor } = strip, place = Math.max(1, cursor), of = wanted();
  isAsking = true;
  role("loading").hidden = drawn === of;
  /** @type {Record<string, string>} */
  const query = { place: `${place}`, letter, ...(drawn === of ? {} : { view }) };
  const answer = await ask(query);
  isAsking = false;
  role("loading").hidden = true;
  if (answer) {
    lens = answer;
    if (answer.picture) [picture, drawn] = [answer.picture, of];
    colour();
    showPicture(!answer.picture);
  }
  if (isWaiting || (answer && (strip.cursor !== cursor || wanted() !== of))) {
    isWaiting = false;
    update();
  }
}

// --- the lens ---

/** @param {number} norm the strength of its colour, from 0 to 1 */
const strength = (norm) => (norm > 0 ? Math.max(0, 1 - Math.log10(norm) / LOWEST) : 0);

function colour() {
  if (!isShown) return;
  const place = strip.cursor, values = Array(strip.pieces.length).fill(null);
  if (lens && lens.place === place) lens.norms.forEach((norm, lag) => { values[place - 1 - lag] = strength(norm); });
  strip.paint(values, "sequential");
  role("readout").toggleAttribute("data-stale", place > 0 && lens?.place !== place);
  if (place < 1) role("readout").textContent = words.first ?? "";
  else if (lens?.place === place) role("readout").replaceChildren(...told());
}

/** @returns {HTMLElement[]} the numbers of the chosen place in words */
function told() {
  const piece = visible(strip.pieces[lens.place]);
  const head = make("span", "", fill(words.at, { piece, bits: decimal(lens.bits) }));
  const known = TOLD_LAGS.filter((lag) => lag < lens.norms.length);
  return [head, ...known.map((lag) => make("span", "", fill(words.back, { lag }), make("b", "", ` ${number(lens.norms[lag], 2)}`)))];
}

function writeScale() {
  const letters = lens?.state.endsWith(".c") ? "c" : "h";
  role("quantity").textContent = fill(words.scale, { state: letters });
  role("ramp").replaceChildren(...POWERS.map((power) => make("span", "", power)));
  role("scale").setAttribute("aria-label", [words.lens, fill(words.beyond_lens, { lags: MAX_LAGS })].join(" "));
  role("scale").title = role("scale").getAttribute("aria-label");
}

// --- the figure ---

/** @param {boolean} [onlyHere] only the line of the chosen place is another */
async function showPicture(onlyHere = false) {
  if (!onlyHere) writePicture();
  await drawFigure(role("plot"), withPlace(structuredClone(picture.figure)), picture.dark_colors);
}

/** Add the line of the chosen place. @param {Figure} figure */
function withPlace(figure) {
  const here = figure.data.find(({ uid }) => uid === "here"), { ends } = figure.layout.meta;
  const [last] = figure.layout.xaxis.range.slice(-1), lowest = 10 ** figure.layout.yaxis.range[0];
  here.y = (lens?.place === strip.cursor ? lens.norms : []).slice(0, last + 1).map((norm) => Math.max(norm, lowest));
  here.x = here.y.map((_, lag) => lag);
  if (here.y.length) Object.assign(ends.here, { x: here.x.at(-1), y: here.y.at(-1) });
  return figure;
}

function writePicture() {
  writeScale();
  role("about").textContent = words[`about.${picture.about}`];
  role("next").textContent = words[`next.${picture.about}`];
  others.show(picture.others, opened);
  const head = make("tr", "", make("th", "", words.network), ...picture.lags.map((lag) => make("th", "", `k = ${lag}`)));
  const rows = picture.rows.map(([name, norms]) => make("tr", "", make("th", "", name), ...norms.map((norm) => make("td", "", norm === null ? "–" : number(norm, 2)))));
  role("table").replaceChildren(make("thead", "", head), make("tbody", "", ...rows));
}

// --- the choices ---

/** @param {string} group @param {string[]} names @param {() => string} chosen @param {(name: string) => void} choose */
function drawChoices(group, names, chosen, choose) {
  const nodes = names.map((name) => {
    const node = make("button", "", words[`${group.slice(0, -1)}.${name}`]);
    node.type = "button";
    node.dataset.name = name;
    node.setAttribute("role", "radio");
    node.addEventListener("click", () => { choose(name); mark(); update(); });
    node.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const next = nodes[(names.indexOf(name) + step + names.length) % names.length];
      next.click();
      next.focus();
    });
    return node;
  });
  const mark = () => nodes.forEach((node) => {
    node.setAttribute("aria-checked", `${node.dataset.name === chosen()}`);
    node.tabIndex = node.dataset.name === chosen() ? 0 : -1;
  });
  mark();
  role(group).replaceChildren(...nodes);
}

function write() {
  drawChoices("views", VIEWS, () => view, (name) => { view = name; });
  drawChoices("letters", LETTERS, () => letter, (name) => { letter = name; });
  writeScale();
  colour();
  update();
}

/** @type {InsideSection} */
export const section = {
  name: "gradient",
  attach(element, text, question) {
    [role, strip, ask] = [roles(element), text, question];
    [lens, picture, drawn, isAsking] = [null, null, "", false];
    others = new OtherCells(role, () => { drawn = ""; update(); });
    strip.listen({ cursor: () => { if (isShown) { colour(); update(); } } });
    followLanguage(element, "inside_gradient", (known) => { words = known; write(); });
    onChange(["theme"], () => { if (picture && isShown) showPicture(); });
  },
  draw(value) {
    if (opened?.pieces.join() !== value.pieces.join()) lens = null; // else its colours stay until the next ones are there
    opened = value;
    for (const node of queryAll(role("plot").parentElement, ":scope > *")) node.hidden = !value.states.length;
    if (value.states.length) others.write(); // it has a state of its own
  },
  show() {
    isShown = true;
    if (strip.cursor < 1 && strip.pieces.length > 1) strip.go(Math.min(FIRST_PLACE, strip.pieces.length - 1));
    colour();
    update();
  },
  hide() {
    isShown = false;
  },
};
