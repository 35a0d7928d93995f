// @ts-check
// The panel of a race. It keeps every row, so that the switch of the axis costs the server nothing: the same points are
// drawn at other places. The figures come once, from Python, with the colours, the baselines and the finish line. The
// panel is on the page once, so its state is the module's.

import { draw, extend, inThemeColors } from "../../frontend/lib/figures.js";
import { showRun } from "../../frontend/lib/form.js";
import { number } from "../../frontend/lib/numbers.js";
import { showFormulas } from "../../frontend/lib/formulas.js";
import { queryAll, roles, writeWords } from "../../frontend/lib/page.js";
import { followRun } from "../../frontend/lib/run_stream.js";
import { tellShown } from "../../frontend/lib/shown_run.js";
import { recall, rememberOnLeave } from "../../frontend/lib/storage.js";
import { fill } from "../../frontend/lib/text.js";
import { endWatching, watchedIn } from "../../frontend/lib/watch.js";
import { amount, labelOf, makeCards, showCards, showSplits } from "./cards.js";
import { AXES, drawnSoFar, emptyRace, endOfAxis, pointsOf, stateKey, take, winnersOf } from "./rows.js";

/** @import { Figure, PanelContext, RaceNews, RacePayload, Words } from "../../frontend/types.d.ts" */
/** @import { Axis, Race } from "./rows.js" */

const STORAGE_KEY = "rnnlab_race_shown";

/** @type {PanelContext<string>} */
let context;
/** @type {Record<string, any>} the panel's elements by role */
let parts = {};
/** @type {Words} */
let words = {};
/** @type {RacePayload | null} the race as it was first sent */
let payload = null;
/** @type {Race} */
let race = emptyRace();
/** @type {Axis} */
let axis = "epochs";
let showsHeldOut = false;
/** @type {RaceNews | null} */
let latest = null;
/** @type {ReturnType<typeof drawnSoFar>} how many points of each lane are in the figure */
let drawn = [];
let drawnDifferences = 0;
let end = 1; // of the horizontal axis
/** @type {Promise<void>} drawings happen one after the other */
let turn = Promise.resolve();

const isParity = () => Boolean(race.started?.is_parity);
const epochsSoFar = () => Math.max(0, ...race.lanes.map(({ epochs }) => epochs.at(-1)?.epochs ?? 0));

// --- the figures ---

const axisTitle = () => (axis === "seconds" ? secondsTitle() : words[`axis.${axis}.title`]);
const secondsTitle = () => words[race.started?.clock === "elapsed" ? "axis.elapsed.title" : "axis.seconds.title"];

/**
 * Fill a figure with points, on the axis that is shown; another axis begins without the zoom of the one before.
 * @param {Figure} figure
 * @param {Record<string, any>} points by uid
 * @param {string} title of the horizontal axis
 */
function filled(figure, points, title) {
  const xaxis = { ...figure.layout.xaxis, range: [0, end], uirevision: `${axis} ${end}`, title: { ...figure.layout.xaxis.title, text: title } };
  const data = figure.data.map((trace) => ({ ...trace, ...points[trace.uid], ...(isHeldOut(trace) ? { visible: showsHeldOut } : {}) }));
  return { ...figure, data, layout: { ...figure.layout, xaxis } };
}
/** @param {{ uid: string }} trace */
const isHeldOut = ({ uid }) => uid.startsWith("held_out.");

const differencePoints = (from = 0) => {
  const fresh = race.differences.slice(from);
  return fresh.length ? { difference: { x: fresh.map((at) => at[axis]), y: fresh.map(({ y }) => y) } } : {};
};

/** @param {Figure} figure the difference, under the curves: its axis begins where theirs does */
const besides = (figure) => {
  const { margin, yaxis } = figure.layout;
  return { ...figure, layout: { ...figure.layout, margin: { ...margin, l: parts.plot._fullLayout._size.l }, yaxis: { ...yaxis, automargin: false } } };
};

async function drawAll() {
  parts.strip.hidden = !isParity();
  parts.root.toggleAttribute("data-parity", isParity());
  end = endOfAxis(race, axis);
  drawn = drawnSoFar(race);
  drawnDifferences = race.differences.length;
  await draw(parts.plot, filled(payload.figures.race, pointsOf(race, axis), isParity() ? "" : axisTitle()), payload.dark_colors);
  if (isParity()) await draw(parts.difference, besides(filled(payload.figures.difference, differencePoints(), "")), payload.dark_colors);
  parts.plot.dataset.axis = axis;
}

/** Draw what is new; a longer axis needs the whole figure. */
async function drawNews() {
  if (endOfAxis(race, axis) !== end) return drawAll();
  const points = pointsOf(race, axis, drawn);
  drawn = drawnSoFar(race);
  if (Object.keys(points).length) await extend(parts.plot, points);
  const differences = isParity() ? differencePoints(drawnDifferences) : {};
  drawnDifferences = race.differences.length;
  if (Object.keys(differences).length) await extend(parts.difference, differences);
}

/** @param {() => Promise<void>} work */
const inTurn = (work) => { turn = turn.then(work, work); return turn; };

// --- what stands around them ---

function showStanding() {
  showCards(context.element, race, axis, words);
  showSplits(parts.splits, race, axis, words);
  const size = race.differences.reduce((most, { y }) => Math.max(most, Math.abs(y ?? Infinity)), 0);
  const key = race.started?.same_weights ? "strip" : "strip_other_weights";
  parts["strip-title"].textContent = isParity() ? fill(words[key], { most: number(size, 2) }) : "";
  parts.note.textContent = race.started ? words[race.started.same_weights ? "note.same_weights" : "note.other_weights"] : "";
  showCall();
}

function showCall() {
  const split = race.lastSplit, i = race.lanes.findIndex(({ name }) => name === split?.lane);
  const isFinish = split && split.mark === race.started?.target_perplexity;
  const facts = split && { lane: labelOf(words, i), mark: number(split.mark, 4), epoch: split.epoch, seconds: amount(words, "seconds", split.seconds) };
  const text = facts ? fill(words[isFinish ? "call.finish" : "call"], facts) : "";
  if (parts.call.textContent !== text) parts.call.textContent = text; // it is read aloud when it changes
}

/** @param {RaceNews} news */
function showState(news) {
  latest = news;
  const winners = winnersOf(race).map((i) => labelOf(words, i));
  const facts = {
    position: news.position, problem: news.problem, epoch: epochsSoFar(), epochs: race.started?.epochs,
    lane: winners[0], lanes: winners.join(words.and),
  };
  const text = fill(words[`state.${stateKey(news.state, race, news.why)}`], facts);
  if (parts.state.textContent !== text) parts.state.textContent = text;
}
/** @param {string} key */
const showWord = (key) => { latest = null; parts.state.textContent = words[key]; };

// --- a race from nothing, then what is new ---

/** @param {RacePayload} given @param {string} reference */
async function picture(given, reference) {
  payload = given;
  words = given.words;
  race = emptyRace();
  take(race, given.rows);
  writeWords(context.element, words);
  parts["seconds-label"].textContent = words[race.started?.clock === "elapsed" ? "axis.elapsed" : "axis.seconds"];
  parts["held-out-label"].hidden = race.started?.held_out_tokens === 0;
  parts.plot.dataset.lanes = String(race.lanes.length);
  if (!watchedIn("race")) {
    showRun("race", given.settings, reference, context.props.value, context.trigger);
    tellShown("race", { reference, epoch: 0 });
  }
  const lines = inThemeColors(given.figures.race.data, given.dark_colors).filter(({ uid }) => uid.startsWith("training.")).map(({ line }) => line);
  parts.lanes.replaceChildren(...makeCards(words, lines));
  showStanding();
  showState(given);
  await inTurn(drawAll);
}

/** @param {RaceNews} news */
async function addNews(news) {
  take(race, news.rows);
  showStanding();
  showState(news);
  await inTurn(drawNews);
}

// --- the switches ---

/** @param {Axis} chosen */
async function choose(chosen) {
  if (chosen === axis) return;
  axis = chosen;
  if (!payload) return;
  showStanding();
  if (latest) showState(latest);
  await inTurn(drawAll);
}

/** @param {boolean} shown */
async function showHeldOut(shown) {
  showsHeldOut = shown;
  if (payload) await inTurn(drawAll);
}

function restoreSwitches() {
  const stored = recall(STORAGE_KEY);
  axis = AXES.find((name) => name === stored?.axis) ?? axis;
  showsHeldOut = Boolean(stored?.heldOut);
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (queryAll(parts.axes, "input"))) input.checked = input.value === axis;
  parts["held-out"].checked = showsHeldOut;
  rememberOnLeave(STORAGE_KEY, () => ({ axis, heldOut: showsHeldOut }));
}

const ROLES = [
  "state", "call", "lanes", "axes", "held-out", "held-out-label", "seconds-label", "plot", "strip", "strip-title", "difference",
  "splits", "note",
];

/** @param {PanelContext<string>} given */
export function attach(given) {
  const { element, props, watch } = context = given;
  const role = roles(element);
  parts = { ...Object.fromEntries(ROLES.map((name) => [name, role(name)])), root: element.querySelector(".race") };
  restoreSwitches();
  showFormulas(element);
  parts.axes.addEventListener("change", (/** @type {any} */ event) => choose(event.target.value));
  parts["held-out"].addEventListener("change", (/** @type {any} */ event) => showHeldOut(event.target.checked));
  const follow = followRun(element, {
    picture,
    news: addNews,
    stale: (/** @type {RaceNews} */ news) => news.rows.some(({ kind }) => kind === "started"), // it has the baselines
    lost: () => showWord("state.lost"),
    gone: (why) => {
      if (why) endWatching(why), follow(props.value);
      else showWord("state.gone");
    },
  }, "lessons/race");
  watch("value", () => watchedIn("race") || follow(props.value));
  follow(watchedIn("race") || props.value);
}
