// @ts-check
// The panel of the adding problem: the errors of the networks at one length, how each has ended, and the row that they
// are asked. The figure comes once, from Python. The panel is on the page once, so its state is the module's.

import { draw, extend, inThemeColors } from "../../frontend/lib/figures.js";
import { showRun } from "../../frontend/lib/form.js";
import { decimal, number, whole } from "../../frontend/lib/numbers.js";
import { make, roles, writeWords } from "../../frontend/lib/page.js";
import { followRun } from "../../frontend/lib/run_stream.js";
import { fill } from "../../frontend/lib/text.js";
import { makeQuestion } from "./question.js";
import { countsOf, emptyRun, endOfAxis, longestOf, newestLength, outcomeOf, overAt, pointsOf, stateKey, stepsAt, take, testsOf } from "./rows.js";

/** @import { AddingNews, AddingPayload, PanelContext, Words } from "../../frontend/types.d.ts" */

/** @type {PanelContext<string>} */
let context;
/** @type {Record<string, any>} the panel's elements by role */
let parts = {};
/** @type {ReturnType<typeof makeQuestion>} */
let question;
/** @type {Words} */
let words = {};
/** @type {AddingPayload | null} the run as it was first sent */
let payload = null;
let reference = "";
let run = emptyRun();
/** @type {Record<string, string>} of the networks, in the page's theme */
let colors = {};
/** @type {number | null} the length whose curves are shown; null: the newest */
let chosen = null;
/** @type {Record<string, number>} how many points of each network are in the figure */
let drawn = {};
let shown = { length: 0, end: 0 }; // of the figure
/** @type {Promise<void>} drawings happen one after the other */
let turn = Promise.resolve();

const isGrowing = () => (run.started?.lengths.length ?? 0) > 1;
const lengthShown = () => chosen ?? newestLength(run);
/** @param {string} model */
const nameOf = (model) => words[`figure.model.${model}`] ?? model;

// --- the figure ---

async function drawAll() {
  const { data, layout } = payload.figures.errors, length = lengthShown(), points = pointsOf(run, length);
  shown = { length, end: endOfAxis(run, length) };
  drawn = countsOf(run, length);
  const ends = Object.fromEntries(Object.entries(layout.meta.ends).map(([uid, end]) => [uid, endOf(points[uid], end)]));
  await draw(parts.plot, {
    data: data.map((trace) => ({ ...trace, ...points[trace.uid], ...across(trace) })),
    layout: { ...layout, meta: { ...layout.meta, ends }, xaxis: { ...layout.xaxis, range: [0, shown.end], uirevision: `${length} ${shown.end}` } },
  }, payload.dark_colors);
  parts.plot.dataset.length = String(length);
}

/** @param {import("../../frontend/types.d.ts").Points | undefined} points @param {any} end */
function endOf(points, end) {
  if (!points) return end.text ? { ...end, x: 10 * shown.end } : { ...end };
  const y = points.y.at(-1);
  return { ...end, x: points.x.at(-1), y: Number.isFinite(y) ? y : null };
}

/** The lines across reach beyond every axis. @param {any} trace */
const across = ({ meta, x }) => (meta?.baseline && x?.length ? { x: [0, 10 * shown.end] } : {});

async function drawNews() {
  const length = lengthShown();
  if (shown.length !== length || endOfAxis(run, length) !== shown.end) return drawAll();
  const points = pointsOf(run, length, drawn);
  drawn = countsOf(run, length);
  if (Object.keys(points).length) await extend(parts.plot, points);
}

/** @param {() => Promise<void>} work */
const inTurn = (work) => { turn = turn.then(work, work); return turn; };

// --- how each network has ended ---

function showOutcomes() {
  const models = run.started?.models ?? [], lengths = run.started?.lengths ?? [];
  const heads = isGrowing() ? lengths.map(whole) : [words.error_now, fill(words.at_finish, { target: number(run.started?.target_error) }), words.seconds];
  const head = [words.network, ...heads, ...(isGrowing() ? [words.longest] : [])].map((text) => Object.assign(make("th", "", text), { scope: "col" }));
  const rows = models.map((model) => {
    const name = Object.assign(make("th", "", make("i"), nameOf(model)), { scope: "row" });
    const cells = isGrowing() ? [...lengths.map((length) => endCell(model, length)), make("td", "", longestText(model))] : cellsOf(model, lengths[0]);
    const row = make("tr", "", name, ...cells);
    row.style.setProperty("--network", colors[model]);
    return row;
  });
  parts.outcomes.replaceChildren(make("thead", "", make("tr", "", ...head)), make("tbody", "", ...rows));
}

/** @param {string} model @param {number} length */
function cellsOf(model, length) {
  const outcome = outcomeOf(run, length, model), error = testsOf(run, length, model)?.y.at(-1);
  const seconds = outcome ? fill(words.seconds_n, { n: decimal(outcome.seconds, 1) }) : "";
  return [make("td", "", error === undefined ? "–" : number(error, 2)), endCell(model, length, words.steps), make("td", "", seconds)];
}

/** @param {string} model @param {number} length @param {string} [over] the words for a network over the line */
function endCell(model, length, over = words.steps_short) {
  const outcome = outcomeOf(run, length, model);
  if (outcome?.end === "finish") {
    const cell = make("td", "", fill(over, { n: whole(outcome.step) }));
    cell.dataset.over = "";
    return cell;
  }
  if (outcome) return make("td", "", words[outcome.end === "steps" ? "gave_up" : "diverged"]);
  return make("td", "", testsOf(run, length, model) ? words.on_the_way : words.not_tried);
}

/** @param {string} model */
const longestText = (model) => { const longest = longestOf(run, model); return longest === null ? "–" : whole(longest); };

function showLengths() {
  parts.lengths.hidden = !isGrowing();
  parts.about.hidden = isGrowing();
  const now = lengthShown(), { dataset } = parts.lengths, drawnLengths = [words.lengths, ...run.lengths].join();
  if (dataset.lengths === drawnLengths) { // what has the focus, or is being pressed, stays
    for (const input of parts.lengths.querySelectorAll("input")) input.checked = Number(input.value) === now;
    return;
  }
  dataset.lengths = drawnLengths;
  const focused = parts.lengths.contains(document.activeElement), legend = make("legend", "", words.lengths);
  parts.lengths.replaceChildren(legend, ...run.lengths.map((length) => {
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "adding-length", value: String(length), checked: length === now });
    input.setAttribute("aria-label", fill(words.numbers_n, { n: length }));
    return make("label", "", input, make("span", "", whole(length)));
  }));
  if (focused) parts.lengths.querySelector(":checked")?.focus({ preventScroll: true });
}

/** @param {AddingNews} news */
function showState(news) {
  const length = newestLength(run), names = overAt(run, length).map(nameOf), last = names.pop();
  const longest = (run.started?.models ?? []).map((model) => {
    const known = longestOf(run, model);
    return fill(words[known === null ? "longest_none" : "longest_of"], { model: nameOf(model), length: known });
  });
  const facts = {
    position: news.position, problem: news.problem, length, step: whole(stepsAt(run, length)), steps: whole(run.started?.max_steps ?? 0),
    over: names.length ? names.join(words.comma) + words.and + last : last, longest: longest.join(words.comma),
  };
  const text = fill(words[`state.${stateKey(news.state, run)}`], facts);
  if (parts.state.textContent !== text) parts.state.textContent = text; // it is read aloud when it changes
}

// --- a run from nothing, then what is new ---

/** @param {AddingPayload} given @param {string} from */
async function picture(given, from) {
  const isNew = from !== reference;
  [payload, words, reference, run] = [given, given.words, from, emptyRun()];
  if (isNew) chosen = null;
  take(run, given.rows);
  writeWords(context.element, words);
  for (const [i, which] of ["first", "second"].entries()) {
    parts.numbers[i].setAttribute("aria-label", words[`${which}_number`]);
    parts.places[i].setAttribute("aria-label", words[`${which}_place`]);
  }
  showRun("adding", given.settings, from, context.props.value, context.trigger);
  colors = Object.fromEntries(inThemeColors(given.figures.errors.data, given.dark_colors)
    .filter(({ uid }) => uid.startsWith("error.")).map(({ uid, line }) => [uid.slice("error.".length), line.color]));
  if (isNew) question.anew();
  showAll(given);
  question.show();
  await inTurn(drawAll);
  await question.ask(reference);
}

/** @param {AddingNews} news */
async function addNews(news) {
  if (news.rows.some(({ kind }) => kind === "length")) question.anew(); // a place of the row before may be none of this one
  take(run, news.rows);
  showAll(news);
  await inTurn(drawNews);
  question.ask(reference); // not awaited: the curves go on
}

/** @param {AddingNews} news */
function showAll(news) {
  showLengths();
  showOutcomes();
  showState(news);
}

const ROLES = ["state", "plot", "lengths", "outcomes", "about", "row", "answers", "problem", "draw"];

/** @param {PanelContext<string>} given */
export function attach(given) {
  const { element, props, watch } = context = given;
  const role = roles(element);
  parts = { ...Object.fromEntries(ROLES.map((name) => [name, role(name)])), numbers: [role("number0"), role("number1")], places: [role("place0"), role("place1")] };
  question = makeQuestion(/** @type {any} */ (parts), () => ({ words, colors }));
  parts.lengths.addEventListener("change", (/** @type {any} */ event) => {
    chosen = Number(event.target.value) === newestLength(run) ? null : Number(event.target.value);
    inTurn(drawAll);
  });
  const showWord = (/** @type {string} */ key) => { parts.state.textContent = words[key]; };
  const follow = followRun(element, {
    picture, news: addNews, lost: () => showWord("state.lost"), gone: () => showWord("state.gone"),
  }, "lessons/adding");
  watch("value", () => follow(props.value));
  follow(props.value);
}
