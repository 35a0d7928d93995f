// @ts-check
// The live panel. Its value is a reference: "curves/<name>" (a recorded curve) or "runs/<id>". The figure comes once,
// from Python; afterwards points are appended to its traces, so zoom, hover and hidden legend entries stay. Everything
// that a person wrote is set as text. The panel is on the page once, so its state is the module's.

import { traceOf } from "../../frontend/lib/bounds.js";
import { draw, extend } from "../../frontend/lib/figures.js";
import { showRun } from "../../frontend/lib/form.js";
import { showFormulas } from "../../frontend/lib/formulas.js";
import { number } from "../../frontend/lib/numbers.js";
import { roles, writeWords } from "../../frontend/lib/page.js";
import { followRun } from "../../frontend/lib/run_stream.js";
import { tellShown } from "../../frontend/lib/shown_run.js";
import { fill } from "../../frontend/lib/text.js";
import { growAxis } from "./axis.js";
import { epochNumbers, showBaselines, showNetwork } from "./comparison.js";
import { Earlier } from "./earlier.js";
import { Ghost } from "./ghost.js";
import { markChanges, markKept } from "./marks.js";
import { duration, keptText, progressText, warningOf } from "./progress.js";
import { HOME, firstReference, isWatched, recordedCurve, showTitle, stopWatching } from "./recorded_curve.js";
import { betterOf, changesBaselines, isWorseThanUniform, pointsOf, secondsLeft, secondsPerEpoch, stateKey } from "./rows.js";
import { Songs } from "./songs.js";
import { travel } from "./time_travel.js";
import { TravelView } from "./travel_view.js";
import { Unseen } from "./unseen.js";

/** @import { EpochRow, PanelContext, Trace, TrainNews, TrainPayload, TrainRow, Words } from "../../frontend/types.d.ts" */

const RECENT = 20; // minibatches by which an epoch that is not whole yet is judged
const NUMBERS = ["epoch", "perplexity", "held_out", "speed", "remaining", "grad_norm", "nll", "clipping"];

/** @type {HTMLElement} */
let panel;
/** @type {Record<string, any>} the panel's elements by role */
let parts = {};
/** @type {PanelContext<string>} */
let context;
/** @type {Words} */
let words = {};
/** @type {TrainPayload | null} the run that is drawn, as it was first sent */
let run = null;
let current = ""; // its reference
let epoch = 0; // its last whole one
/** @type {EpochRow | null} the row of that */
let newest = null;
/** @type {{ epoch: number, at: number } | null} the first epoch whose end was seen here, and when */
let since = null;
/** @type {(number | null)[]} perplexities of the newest minibatches of this epoch */
let recent = [];
/** @type {{ epoch: number, held_out_perplexity?: number | null } | null} the kept epoch */
let kept = null;
/** @type {number | null} the held-out perplexity of the last interim evaluation */
let interim = null;
/** @type {number | null} seconds that an epoch takes */
let perEpoch = null;
/** @type {Songs} */
let songs;
/** @type {Unseen} the switches that show held-out text and more n-grams */
let unseen;
/** @type {Earlier} the visitor's runs before this one */
let earlier;
/** @type {TravelView} */
let view;
const ghost = new Ghost();

const trace = (/** @type {string} */ uid) => traceOf(parts.plot.data, uid);
const hasHeldOut = () => trace("held_out")?.meta.exists !== false;
/** @param {string} name @param {string} text */
const showNumber = (name, text) => { panel.querySelector(`[data-number=${name}]`).textContent = text; };

// --- the state and the numbers ---

/** @param {TrainNews} news */
function showState(news) {
  const { diverged } = news;
  const rate = run.scheduled ? newest?.learning_rate : trace("changed")?.customdata?.at(-1);
  const worse = ["running", "finished", "stopped"].includes(news.state) && isWorseThanUniform(run.uniform, recent, newest && (newest.perplexity ?? Infinity));
  const key = stateKey(news, { worse, epoch, hasNewRate: typeof rate === "number" });
  const values = { position: news.position, problem: news.problem, epoch: diverged?.epoch ?? epoch, step: diverged?.step, kept: diverged?.kept_epoch, test: news.test_perplexity && number(news.test_perplexity, 4) };
  parts.state.textContent = fill(words[`state.${key}`], { ...values, rate: rate && number(rate, 4) });
  parts.warning.textContent = warningOf(news, words);
  parts.warning.hidden = !parts.warning.textContent;
  parts.state.dataset.state = news.state;
  parts.state.toggleAttribute("data-worse", worse);
  if (["stopped", "diverged", "failed", "recorded"].includes(news.state)) showNumber("remaining", "–");
  if (key === "diverged_at_once") songs.end();
  showProgress(news);
}

// How far a long epoch is.
/** @param {TrainNews} news */
function showProgress({ progress }) {
  parts.progress.hidden = !progress;
  if (!progress) return;
  parts.progress.textContent = progressText(words, progress, hasHeldOut() && unseen.shown.unseen ? interim : null);
  showNumber("remaining", duration(words, secondsLeft(progress, run.epochs, perEpoch)));
  if (!epoch) showNumber("perplexity", number(progress.perplexity, 4));
}

function showKept() {
  const known = run.keep === "best" && (kept || !hasHeldOut());
  parts.kept.hidden = !known;
  if (known) parts.kept.textContent = keptText(words, kept);
}

// The numbers are those of the handle's epoch; the time left is that of now.
function showNumbers() {
  const { epoch: at, now } = travel.moment, row = at < now ? view.rowAt(at) : newest;
  if (row || now) for (const [name, text] of Object.entries(epochNumbers(row, at, run, hasHeldOut(), words))) showNumber(name, text);
}

/** @param {EpochRow | null} row */
function showEpoch(row) {
  newest = row;
  epoch = row?.epoch ?? 0;
  parts.network_row.hidden = !row;
  unseen.judge(parts.plot.data, row, run.uniform);
  if (!row) return;
  since ??= { epoch: row.epoch, at: performance.now() }; // evaluation and songs take time too: the clock counts it all
  perEpoch = secondsPerEpoch(row, since, performance.now());
  showNumber("remaining", duration(words, perEpoch * Math.max(0, run.epochs - row.epoch)));
  showNetwork(parts, row, hasHeldOut(), words);
}

function showDevice() {
  const key = run.device_trouble ? `device.${run.device_trouble}` : "device";
  parts.device.textContent = run.device ? fill(words[key], { device: run.device }) : "";
}

/** @param {Partial<EpochRow> | null | undefined} row */
function offerModel(row) {
  parts.save.hidden = !(row && current.startsWith("runs/"));
  parts.save.href = `lab/${current}/model`;
  if (!isWatched()) tellShown("train", { reference: current, epoch });
}

// --- the curve ---

/** @param {TrainRow[]} rows */
async function append(rows) {
  const start = { x: trace("minibatch").x.at(-1) ?? 0, y: trace("minibatch").y.at(-1) ?? trace("uniform").y[0] };
  const { points, changes } = pointsOf(rows, start, hasHeldOut());
  /** @type {EpochRow | null} */
  let latest = null;
  for (const row of rows) {
    if (row.kind === "step") recent = [...recent, row.y].slice(-RECENT);
    if (row.kind === "untrained") {
      songs.showMissing(row);
    } else if (row.kind === "progress") {
      interim = row.held_out_perplexity;
      songs.addInterim(row);
    } else if (row.kind === "epoch") {
      [recent, interim, kept, latest] = [[], null, betterOf(kept, row), row];
      showKept();
    }
    if (row.kind !== "untrained" && row.kind !== "epoch") continue;
    songs.add(row);
    view.add(row);
  }
  view.schedule();
  if (!changes.length && !Object.keys(points).length) return;
  growAxis(parts.plot, Math.max(...Object.values(points).flatMap(({ x }) => x), start.x), run.epochs);
  await extend(parts.plot, points, (data) => {
    if (run.keep === "best" && kept) markKept(data, kept);
    markChanges(data, changes, parts.plot.layout.yaxis);
  });
  if (latest) showEpoch(latest);
  parts.plot.dataset.redraws = Number(parts.plot.dataset.redraws) + 1;
}

// The thin lines of earlier runs, and of all lines those that are chosen.
/** @param {Trace[]} data @param {Record<string, any>} layout */
function addLines(data, layout) {
  if (!isWatched()) earlier.draw(data, layout);
  traceOf(data, "ghost").visible = !earlier.isShown(ghost.reference); // drawn there, with its name
  unseen.apply(data, layout);
}

// --- the run ---

/** @param {TrainPayload} payload @param {string} reference */
async function picture(payload, reference) {
  const isAnother = reference !== current;
  if (current && isAnother) ghost.keep(parts.plot, run, current);
  earlier.follow(reference, payload);
  [current, run, words, since, perEpoch, recent, interim] = [reference, payload, payload.words, null, null, payload.steps, payload.interim?.held_out_perplexity ?? null];
  writeWords(panel, words);
  showTitle(parts, payload, reference);
  if (!isWatched()) showRun("train", payload.settings, reference, context.props.value, context.trigger);
  const figure = ghost.behind(payload.figure, run, words);
  figure.layout.dragmode = false; // dragging moves the handle; the button over the plot makes it zoom once
  addLines(figure.data, figure.layout);
  await draw(parts.plot, figure, payload.dark_colors);
  for (const name of NUMBERS) showNumber(name, "–");
  showBaselines(parts, run, words);
  unseen.begin(run, words);
  const { x, y } = trace("kept");
  kept = x?.length ? { epoch: x[0], held_out_perplexity: y[0] } : null;
  showEpoch(payload.last);
  showKept();
  songs.begin(payload, words, isAnother, reference);
  view.begin(payload, words, reference);
  offerModel(payload.last);
  showDevice();
  showState(payload);
}

/** @param {TrainNews} latest */
async function news(latest) {
  if (latest.title) {
    parts.title.textContent = latest.title;
    if (!isWatched()) showRun("train", latest.settings, current, "", context.trigger);
  }
  await append(latest.rows);
  if (["finished", "stopped", "diverged", "failed"].includes(latest.state)) earlier.ended();
  offerModel(latest.rows.findLast((row) => row.kind === "epoch") ?? (parts.save.hidden ? null : {}));
  showState(latest);
}

const ROLES = [
  "plot", "state", "songs", "save", "progress", "kept", "warning", "device", "compared", "baselines", "counted", "title", "heading",
  "missing", "copied", "passage", "unseen", "more", "verdict", "held_out_number", "earlier", "earlier_heading", "earlier_rows", "network", "network_row", "network_training", "network_held_out", "train_live",
];

/** @param {PanelContext<string>} given */
export function attach(given) {
  const { element, props, watch } = context = given, role = roles(panel = element);
  parts = Object.fromEntries(ROLES.map((name) => [name, role(name)]));
  showFormulas(panel);
  songs = new Songs({ songs: parts.songs, heading: parts.heading, missing: parts.missing, copied: parts.copied, passage: parts.passage });
  view = new TravelView(panel, () => { showNumbers(); songs.show(travel.moment); });
  unseen = new Unseen(parts);
  earlier = new Earlier(parts, {
    redraw: () => parts.plot.data && extend(parts.plot, {}, (data) => addLines(data, parts.plot.layout)),
    choose: (id) => { window.rnnlab.chosenRun = id, context.trigger("select"); },
  });
  parts.plot.dataset.redraws = 0; // how often points were appended: the browser tests count it
  const follow = followRun(element, {
    picture,
    news,
    // A new beginning, a later end and n-grams that have been counted change the axis or the baselines: draw anew.
    stale: (/** @type {TrainNews} */ latest) => latest.epochs !== run.epochs || latest.rows.some(changesBaselines),
    lost: () => { parts.state.textContent = words["state.lost"]; },
    gone: (why) => (why ? stopWatching(why, props.value, follow) : void (parts.state.textContent = words["state.gone"])),
  }, HOME);
  watch("value", () => isWatched() || follow(props.value));
  Object.assign(recordedCurve, { now: () => current, show: follow });
  follow(firstReference(props.value));
}
