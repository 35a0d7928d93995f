// @ts-check
// The lesson hello. Its value is a reference: "lessons/hello" (the default run) or "runs/<id>". Two sliders say what is
// shown: an epoch, with the weights of that moment, and a step, that is, a character of the word. The panel is on the
// page once, so its state is the module's.

import { traceOf } from "../../frontend/lib/bounds.js";
import { draw } from "../../frontend/lib/figures.js";
import { showRun } from "../../frontend/lib/form.js";
import { decimal } from "../../frontend/lib/numbers.js";
import { make, roles, writeWords } from "../../frontend/lib/page.js";
import { player } from "../../frontend/lib/player.js";
import { followRun } from "../../frontend/lib/run_stream.js";
import { recall, rememberOnLeave } from "../../frontend/lib/storage.js";
import { fill, visible } from "../../frontend/lib/text.js";
import { equationView } from "./equation_view.js";
import { linesView } from "./lines_view.js";
import { flowView } from "./flow_view.js";
import { drawNetwork } from "./network.js";
import { addRows, emptyLog, place, spelling } from "./rows.js";
import { whyView } from "./why_view.js";

/** @import { CellStep, HelloNews, HelloPayload, HelloRow, PanelContext, Words } from "../../frontend/types.d.ts" */

const STORAGE_KEY = "rnnlab_hello_shown";
const FIRST_EXPLAINED = 9; // the look at which a weight is explained first: of epoch 10, where every epoch has one
const MODES = ["forward", "flow", "backward"]; // what the numbers show
const ROLES = [
  "word", "loss", "state", "curve", "unrolled", "equation", "lines", "why", "formula", "sum", "code", "answer", "colours", "low", "high", "bar", "reading",
  ...MODES, "diagram",
];

/** @type {PanelContext<string>} */
let context;
/** @type {Record<string, any>} the panel's elements by role */
let parts = {};
/** @type {ReturnType<typeof player>} */
let epochs;
/** @type {ReturnType<typeof player>} */
let steps;
/** @type {Words} */
let words = {};
let config = /** @type {Record<string, any>} */ ({});
/** @type {HelloPayload | null} the run that is drawn, as it was first sent */
let run = null;
let reference = "";
let log = emptyLog();
/** @type {HelloPayload | HelloNews | null} what was last said of the run's state */
let latest = null;
/** @type {ReturnType<typeof equationView>} */
let equation;
/** @type {ReturnType<typeof linesView>} */
let lines;
/** @type {ReturnType<typeof whyView>} */
let why;
/** @type {ReturnType<typeof flowView>} */
let flow;
let mode = "forward";

/** @param {string} text */
const lettersOf = (text) => [...text];
const look = () => log.looks[epochs.value];
const position = () => Math.min(steps.value, lettersOf(config.source).length - 1);
/** @param {number} i */
const epochText = (i) => (log.looks[i]?.kind === "finished" ? words.trained : `${log.looks[i]?.epoch ?? 0} / ${config.epochs}`);

// --- what the sliders point at ---

function showEpoch() {
  if (!look()) return;
  const { predicted } = look(), target = lettersOf(config.target);
  const tiles = lettersOf(predicted).map((letter, k) => make("span", letter === target[k] ? "right" : "", visible(letter)));
  parts.word.replaceChildren(...tiles);
  parts.word.style.setProperty("--letter", tiles.length > 8 ? 1 : tiles.length > 6 ? 1.25 : 1.5);
  parts.word.dataset.predicted = predicted;
  const right = parts.word.querySelectorAll(".right").length;
  parts.word.setAttribute("aria-label", fill(words.word, { predicted, target: config.target, right, count: target.length }));
  parts.loss.textContent = `${words["figure.loss"]} ${decimal(look().loss, 3)}`;
  parts.loss.title = String(look().loss);
  showState();
  const { data } = parts.curve, here = data ? data.indexOf(traceOf(data, "here")) : -1;
  if (here >= 0) window.Plotly.restyle(parts.curve, { x: [marker().x], y: [marker().y] }, [here]);
  showStep();
}

function showStep() {
  if (look()) showNetwork(), showCell();
}

function showNetwork() {
  const word = { source: lettersOf(config.source), target: lettersOf(config.target), predicted: lettersOf(look().predicted), module: config.module };
  drawNetwork(parts.unrolled, word, position(), words);
}

// The tutorial's cell is one equation in numbers; gates, or a linear output, are lines; and both can be gone back through.
function showCell() {
  const row = look(), step = row.steps[position()], isOne = log.started.equations.length === 1;
  const moment = { row, step, t: position(), started: log.started, limit: log.limit, config, words };
  parts.code.textContent = log.started.lines[position()];
  showAnswer(step);
  const shown = { backward: "why", flow: "diagram", forward: isOne ? "equation" : "lines" }[mode];
  parts.formula.hidden = shown !== "equation";
  parts.code.hidden = mode !== "forward";
  context.element.querySelector(".hello").classList.toggle("flowing", mode === "flow");
  for (const name of MODES) parts[name].setAttribute("aria-pressed", String(name === mode));
  for (const name of ["why", "equation", "lines", "diagram"]) parts[name].hidden = name !== shown;
  parts.sum.hidden = mode !== "forward";
  parts.bar.hidden = mode === "flow";
  if (shown !== "equation") parts.colours.hidden = true;
  parts.reading.textContent = words[{ why: "reading.why", lines: "reading.lines", equation: "reading", diagram: "reading.flow" }[shown]];
  ({ why, equation, lines, diagram: flow })[shown].show(moment);
}

/** @param {CellStep} step */
function showAnswer(step) {
  const letter = lettersOf(log.started.vocabulary)[step.predicted], target = lettersOf(config.target)[position()], isRight = letter === target;
  const predicted = make("strong", isRight ? "right" : "", `${visible(letter)} ${isRight ? "✓" : "✗"}`);
  parts.answer.replaceChildren(words.predicted, predicted, words.target, make("strong", "", visible(target)));
}

// --- the curve ---

const marker = () => ({ x: look() ? [place(look())] : [], y: look() ? [look().loss] : [] });

async function drawCurve() {
  const figure = run.figures.curve, xaxis = { ...figure.layout.xaxis, title: { text: "" } }; // the slider above says it
  const values = /** @type {Record<string, object>} */ ({
    loss: { x: log.points.map(place), y: log.points.map((row) => row.loss ?? Infinity) },
    here: marker(),
  });
  const data = figure.data.map((trace) => ({ ...structuredClone(trace), ...values[trace.uid] }));
  await draw(parts.curve, { data, layout: { ...figure.layout, xaxis } }, run.dark_colors);
}

// --- events ---

/** @param {KeyboardEvent | MouseEvent} event */
function onStep(event) {
  const node = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[data-step]")) : null;
  if (!node || (event instanceof KeyboardEvent && ![" ", "Enter"].includes(event.key))) return;
  event.preventDefault();
  steps.pause();
  steps.set(Number(node.dataset.step));
}

function listen() {
  for (const name of ["click", "keydown"]) parts.unrolled.addEventListener(name, onStep);
  for (const name of MODES) parts[name].addEventListener("click", () => {
    mode = name;
    if (!look()) return;
    if (mode === "backward" && look().kind === "finished") epochs.set(Math.min(FIRST_EXPLAINED, log.looks.length - 2)); // it has no update
    else showCell();
  });
  new ResizeObserver(() => {
    if (!look() || !parts.unrolled.clientWidth) return;
    showNetwork();
    if (!parts.equation.hidden) equation.refit();
  }).observe(context.element);
}

// --- the run ---

/** @param {HelloRow[]} rows */
function take(rows) {
  addRows(log, rows);
  const limit = decimal(log.limit, 1);
  parts.low.textContent = decimal(-log.limit, 1);
  parts.high.textContent = limit;
  parts.bar.setAttribute("aria-label", fill(words.bar, { limit }));
}

// The run's state; of one that has ended, what holds at the epoch that is shown.
function showState() {
  if (!latest) return;
  const right = parts.word.querySelectorAll(".right").length, count = lettersOf(config.target).length;
  const { key, spelled } = spelling(log.looks, config.target, epochs.value);
  const values = { ...latest, epoch: log.points.at(-1)?.epoch ?? 0, epochs: config.epochs, spelled, right, count };
  const text = fill(words[`state.${["recorded", "finished"].includes(latest.state) ? key : latest.state}`], values);
  if (parts.state.textContent !== text) parts.state.textContent = text; // it is read aloud when it changes
}

/** @param {string} key */
function showWord(key) {
  latest = null;
  parts.state.textContent = words[key];
}

/** @param {HelloPayload} payload @param {string} from */
async function picture(payload, from) {
  const stored = reference ? null : recall(STORAGE_KEY), before = stored?.reference === from ? stored : null;
  const again = from === reference || before !== null;
  const { epoch, step } = before ?? { epoch: epochs.value, step: steps.value };
  mode = MODES.includes(before?.mode) ? before.mode : mode;
  [reference, run, words, config] = [from, payload, payload.words, payload.config];
  [log, latest] = [emptyLog(), null];
  if (!again) equation.reset(), lines.reset();
  delete parts.sum.dataset.width; // the height of another word's longest sum
  writeWords(context.element, words);
  showRun("hello", payload.settings, from, context.props.value, context.trigger);
  epochs.words({ label: words.epoch, play: words.play, pause: words.pause });
  steps.words({ label: words.step, play: words.play, pause: words.pause });
  take(payload.rows);
  const count = lettersOf(config.source).length;
  steps.count(count);
  epochs.count(log.looks.length);
  steps.set(again ? step : Math.min(2, count - 1));
  epochs.set(again ? epoch : log.looks.length - 1);
  latest = payload;
  showState();
  await drawCurve();
}

/** @param {HelloNews} news */
async function addNews(news) {
  const follows = epochs.value >= log.looks.length - 1 && !epochs.playing;
  take(news.rows);
  epochs.count(log.looks.length);
  epochs.set(follows ? log.looks.length - 1 : epochs.value);
  latest = news;
  showState();
  if (news.rows.length) await drawCurve();
}

/** @param {PanelContext<string>} given */
export function attach(given) {
  const { element, props, watch } = context = given;
  const role = roles(element);
  parts = Object.fromEntries(ROLES.map((name) => [name, role(name)]));
  epochs = player(role("epochs"), { label: "epochs", play: "", pause: "", perSecond: 10, show: showEpoch, text: epochText });
  steps = player(role("steps"), {
    label: "steps", play: "", pause: "", perSecond: 1, presenter: true,
    show: () => { equation.reset(); showStep(); },
    text: (k) => `${k + 1} / ${lettersOf(config.source ?? " ").length}`,
  });
  [equation, lines, why, flow] = [equationView(parts), linesView(parts), whyView(parts.why), flowView(parts.diagram)];
  rememberOnLeave(STORAGE_KEY, () => ({ reference, epoch: epochs.value, step: steps.value, mode }));
  listen();
  const follow = followRun(element, {
    picture, news: addNews, lost: () => showWord("state.lost"), gone: () => showWord("state.gone"),
  }, "lessons/hello");
  watch("value", () => follow(props.value));
  follow(props.value);
}
