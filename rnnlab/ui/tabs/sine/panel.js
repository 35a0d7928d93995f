// @ts-check
// The panel of sin → cos. It keeps every row of the run and draws the window that the player points at: training first,
// then the free run, in which the network goes on alone. The figures come once, from Python, and are filled here. The
// panel is on the page once, so its state is the module's.

import { traceOf } from "../../frontend/lib/bounds.js";
import { draw, extend } from "../../frontend/lib/figures.js";
import { showRun } from "../../frontend/lib/form.js";
import { number } from "../../frontend/lib/numbers.js";
import { roles } from "../../frontend/lib/page.js";
import { player } from "../../frontend/lib/player.js";
import { followRun } from "../../frontend/lib/run_stream.js";
import { recall, rememberOnLeave } from "../../frontend/lib/storage.js";
import { fill } from "../../frontend/lib/text.js";
import { makeChase } from "./chase.js";
import { writeLabels } from "./labels.js";
import { makePhasePlane } from "./phase.js";
import { aloneView, drawWave, learningView, markWindow } from "./views.js";
import { errorOf, lossPoints, MEMORIES, stateKey } from "./waves.js";

/** @import { PanelContext, SineFinishedRow, SineNews, SinePayload, SineRow, WaveRow, Words } from "../../frontend/types.d.ts" */

const PER_SECOND = 10;
const MIN_FLOOR = 0.0005; // as in sine/payload.py: a lower one is below everything that is learned here
const STORAGE_KEY = "rnnlab_sine_shown";

/** @type {PanelContext<string>} */
let context;
/** @type {Record<string, any>} the panel's elements by role */
let parts = {};
/** @type {ReturnType<typeof player>} */
let slider;
/** @type {ReturnType<typeof makePhasePlane>} */
let phase;
/** @type {Words} */
let words = {};
/** @type {string | null} */
let reference = null;
let sampling = { points: 0, phase: 0 };
/** @type {string[]} */
let memories = [];
/** @type {Record<string, WaveRow[]>} by memory and window */
let waves = {};
/** @type {number | null} the loss that cannot be beaten without memory */
let floor = null;
/** @type {SineFinishedRow | null} the last row of a whole run */
let finished = null;
let total = 0; // windows of training
let alone = 0; // windows of the free run
let known = 0; // windows of both that all memories have made
/** @type {boolean | null} whether the figures are set up for the free run; null: not at all */
let mode = null;
let going = false; // the run
/** @type {(Partial<SineNews> & { state: string, diverged?: any }) | null} what was last said of the run's state */
let latest = null;
let ready = false;
let drawing = false;

/** @param {string} memory */
const wavePlot = (memory) => /** @type {any} */ (context.element.querySelector(`.lane[data-memory=${memory}] .wave`));
/** @param {string} memory @param {string} name */
const cell = (memory, name) => context.element.querySelector(`tr[data-memory=${memory}] [data-number=${name}]`);

/** @param {SineRow[]} rows */
function take(rows) {
  for (const row of rows) {
    if (row.kind === "started") floor = row.floor;
    if (row.kind === "finished") finished = row;
    if (row.kind === "window" || row.kind === "freerun") waves[row.memory][row.window - 1] = row;
    phase.take(row);
  }
  known = Math.min(...memories.map((memory) => waves[memory].length));
}

// --- one moment ---

/** @param {number} index */
function position(index) {
  const isLearning = index < total;
  const values = isLearning ? { window: index + 1, windows: total } : { window: index - total + 1, windows: alone };
  return fill(words[isLearning ? "position" : "position_alone"], values);
}

function show() { // as often as the screen can, and never two at once
  if (drawing || !ready) return;
  drawing = true;
  requestAnimationFrame(async () => {
    const index = slider.value;
    try { if (ready) await drawMoment(index); } finally { drawing = false; }
    if (index !== slider.value) show();
  });
}

/** @param {number} index */
async function drawMoment(index) {
  const window = index + 1, isAlone = window > total;
  parts.root.dataset.window = window;
  if (phase.isShown) return phase.show(window);
  for (const memory of memories) {
    const view = isAlone ? aloneView(window, total, alone) : learningView(window, mode === false);
    await drawWave(wavePlot(memory), waves[memory], window, view, sampling);
    const row = waves[memory][index];
    const learned = /** @type {any} */ (waves[memory][Math.min(index, total - 1)]); // in the free run the mean stays
    cell(memory, "now").textContent = row ? number(errorOf(row), 2) : "–";
    cell(memory, "mean").textContent = learned ? number(learned.mean_loss, 3) : "–";
  }
  const range = isAlone ? [total - 20.5, total + alone + 0.9] : [0, total + alone + 1];
  if (mode !== isAlone) await globalThis.Plotly.relayout(parts.loss, { "xaxis.range": range });
  mode = isAlone;
  parts.reading.textContent = words[isAlone ? "reading_alone" : "reading"];
  const aboutFloor = floor > MIN_FLOOR ? fill(words.floor, { floor: number(floor, 2) }) : "";
  const isRecorded = reference.startsWith("lessons/"); // the note on seeds holds for the default settings
  parts.note.textContent = !isAlone ? aboutFloor : isRecorded ? words.seeds : "";
  markMoment();
}

const markMoment = () => markWindow(context.element, parts.loss, parts.upright, slider.value + 1, waves);

// --- numbers that stand for the whole run ---

function showNumbers() {
  for (const memory of memories) {
    const error = finished?.mean_errors[finished.memories.indexOf(memory)]; // null if it is beyond all numbers
    cell(memory, "alone").textContent = error === undefined ? "–" : number(error, 3);
  }
  slider.count(known);
  parts.learn.hidden = known === 0;
  parts.alone.hidden = known <= total;
}

/** @param {SineNews | SinePayload} news */
function receiveState(news) {
  going = ["queued", "running", "paused"].includes(news.state);
  const diverged = news.rows?.find((row) => row.kind === "diverged") ?? latest?.diverged;
  latest = { ...news, diverged };
  showState();
}
function showState() {
  if (!latest) return;
  const key = stateKey(latest.state, { replays: slider.playing || chase.running, alone: slider.value >= total, known });
  const text = fill(words[`state.${key}`], { position: latest.position, problem: latest.problem, window: latest.diverged?.window });
  if (parts.state.textContent !== text) parts.state.textContent = text; // it is read aloud when it changes
}
/** @param {string} key */
const showWord = (key) => { latest = null; parts.state.textContent = words[key]; };

// --- a run from nothing, then what is new ---

/** @param {SinePayload} payload @param {string} from */
async function picture(payload, from) {
  const stored = reference ? null : recall(STORAGE_KEY), before = stored?.reference === from ? stored.window : null;
  const again = from === reference || before !== null; // the same run in another language or theme, or reloaded
  const was = before ?? slider.value;
  reference = from;
  latest = null;
  ready = false; // nothing is drawn while the figures change
  if (!again) { chase.stop(); slider.pause(); }
  startRun(payload);
  writeLabels(context.element, words, payload.config, memories);
  slider.words({ label: words.player, play: words.play, pause: words.pause });
  showRun("sine", payload.settings, from, context.props.value, context.trigger);
  await drawFigures(payload);
  showNumbers();
  receiveState(payload);
  const isFresh = !again && from.startsWith("runs/"); // it may have ended already: a short run takes no second
  ready = true;
  if (isFresh) chase.start(PER_SECOND);
  slider.set(again ? was : isFresh ? 0 : Math.min(known, total) - 1);
}

/** @param {SinePayload} payload */
function startRun(payload) {
  const { config } = payload;
  words = payload.words;
  sampling = { points: Number(config.points), phase: Number(config.phase) };
  [total, alone] = [Number(config.windows), Number(config.free_run)];
  memories = config.memory === "all" ? MEMORIES : [config.memory];
  waves = Object.fromEntries(MEMORIES.map((memory) => [memory, /** @type {WaveRow[]} */ ([])]));
  floor = mode = finished = null;
  phase.start(payload, memories);
  take(payload.rows);
}

/** @param {SinePayload} payload */
async function drawFigures(payload) {
  const { figures, rows, dark_colors: darkColors } = payload;
  for (const [uid, points] of Object.entries(lossPoints(rows, total))) Object.assign(traceOf(figures.loss.data, uid), points);
  for (const memory of memories) await draw(wavePlot(memory), figures[memory], darkColors);
  await draw(parts.loss, figures.loss, darkColors);
  await phase.drawFigures(payload);
  parts.root.style.setProperty("--model-color", traceOf(parts.loss.data, `loss.${MEMORIES[0]}`).line.color);
  if (!parts.loss.marked) parts.loss.on("plotly_afterplot", markMoment); // a zoom, a resize, new losses
  parts.loss.marked = true;
}

/** @param {SineNews} news */
async function addNews(news) {
  take(news.rows);
  const points = lossPoints(news.rows, total);
  if (Object.keys(points).length) await extend(parts.loss, points);
  showNumbers();
  receiveState(news);
}

// --- the picture hurries after a run that is going, until somebody moves the player ---

const chase = makeChase(() => {
  if (!context.element.isConnected) return false;
  const behind = known - 1 - slider.value;
  if (behind > 0) slider.set(slider.value + (slider.value + 1 < total ? Math.ceil(behind / 8) : 1));
  return behind > 0 || going;
}, showState);
function replayLearning() {
  chase.stop();
  slider.set(0);
  slider.play();
}
function replayAlone() { // slower: there are few windows, and each is worth a look
  slider.pause();
  slider.set(total);
  chase.start(PER_SECOND / 4);
}

const ROLES = ["state", "loss", "reading", "note", "player", "learn", "alone", "upright"];

/** @param {PanelContext<string>} given */
export function attach(given) {
  const { element, props, watch } = context = given;
  const role = roles(element);
  parts = { ...Object.fromEntries(ROLES.map((name) => [name, role(name)])), root: element.querySelector(".sine") };
  phase = makePhasePlane(element, () => { mode = null; show(); });
  slider = player(parts.player, {
    label: "", play: "", pause: "", count: 1, perSecond: PER_SECOND, text: position, presenter: true,
    show: () => { show(); showState(); },
    played: () => { if (slider) showState(); },
  });
  rememberOnLeave(STORAGE_KEY, () => ({ reference, window: slider.value }));
  for (const name of ["click", "input"]) parts.player.addEventListener(name, chase.stop, { capture: true });
  parts.learn.addEventListener("click", replayLearning);
  parts.alone.addEventListener("click", replayAlone);
  const follow = followRun(element, {
    picture, news: addNews, lost: () => showWord("state.lost"), gone: () => showWord("state.gone"),
  }, "lessons/sine");
  watch("value", () => follow(props.value));
  follow(props.value);
}
