// @ts-check
// The live panel. Its value is a reference: "curves/<name>" (a recorded curve) or "runs/<id>". The figure comes once,
// from Python; afterwards points are appended to its traces, so zoom, hover and hidden legend entries stay. Everything
// that a person wrote is set as text. The panel is on the page once, so its state is the module's.

import { traceOf } from "../../frontend/lib/bounds.js";
import { draw, extend } from "../../frontend/lib/figures.js";
import { showRun } from "../../frontend/lib/form.js";
import { number } from "../../frontend/lib/numbers.js";
import { make, roles, writeWords } from "../../frontend/lib/page.js";
import { followRun } from "../../frontend/lib/run_stream.js";
import { recall, remember } from "../../frontend/lib/storage.js";
import { fill } from "../../frontend/lib/text.js";
import { duration, keptText, progressText, speedText } from "./progress.js";
import { betterOf, changesBaselines, isWorseThanUniform, pointsOf, secondsLeft, secondsPerEpoch, stateKey } from "./rows.js";
import { Songs } from "./songs.js";

/** @import { EpochRow, Figure, PanelContext, TrainNews, TrainPayload, TrainRow, Words } from "../../frontend/types.d.ts" */

const HOME = "curves/lyrics-zh"; // what is shown first
const SHOWN = "rnnlab_train_curve"; // the key under which the recorded curve that is shown stays over a reload
const RECENT = 20; // minibatches by which an epoch that is not whole yet is judged
const NUMBERS = ["epoch", "perplexity", "held_out", "speed", "remaining", "grad_norm"];

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
let epoch = 0; // the last whole one
/** @type {{ epoch: number, at: number } | null} the first epoch whose end was seen here, and when */
let since = null;
/** @type {(number | null)[]} perplexities of the newest minibatches of this epoch */
let recent = [];
/** @type {number | null} perplexity of the last whole epoch */
let last = null;
/** @type {number | null} its learning rate */
let used = null;
/** @type {{ epoch: number, held_out_perplexity?: number | null } | null} the kept epoch */
let kept = null;
/** @type {number | null} the held-out perplexity of the last interim evaluation */
let interim = null;
/** @type {number | null} seconds that an epoch takes */
let perEpoch = null;
/** @type {Songs} */
let songs;
/** @type {Record<string, any> | null} the curve of the run that was drawn before this one */
let ghost = null;

const trace = (/** @type {string} */ uid) => traceOf(parts.plot.data, uid);
const hasHeldOut = () => trace("held_out")?.showlegend !== false;
/** @param {string} name @param {string} text */
const showNumber = (name, text) => { panel.querySelector(`[data-number=${name}]`).textContent = text; };

// --- the state and the numbers ---

/** @param {TrainNews} news */
function showState(news) {
  const { diverged } = news;
  const rate = run.scheduled ? used : trace("changed")?.customdata?.at(-1);
  const worse = ["running", "finished", "stopped"].includes(news.state) && isWorseThanUniform(run.uniform, recent, last);
  const key = stateKey(news, { worse, epoch, hasNewRate: typeof rate === "number" });
  const values = { position: news.position, problem: news.problem, epoch: diverged?.epoch ?? epoch, step: diverged?.step, kept: diverged?.kept_epoch, test: news.test_perplexity && number(news.test_perplexity, 4) };
  parts.state.textContent = fill(words[`state.${key}`], { ...values, rate: rate && number(rate, 4) });
  parts.warning.textContent = news.not_saved ? fill(words.not_saved, { reason: news.not_saved }) : "";
  parts.warning.hidden = !news.not_saved;
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
  parts.progress.textContent = progressText(words, progress, hasHeldOut() ? interim : null);
  showNumber("remaining", duration(words, secondsLeft(progress, run.epochs, perEpoch)));
  if (!epoch) showNumber("perplexity", number(progress.perplexity, 4));
}

function showKept() {
  const known = run.keep === "best" && (kept || !hasHeldOut());
  parts.kept.hidden = !known;
  if (known) parts.kept.textContent = keptText(words, kept);
}

/** @param {EpochRow | null} row */
function showEpoch(row) {
  epoch = row?.epoch ?? 0;
  last = row ? row.perplexity ?? Infinity : null;
  used = row?.learning_rate ?? null;
  parts.network_row.hidden = !row;
  if (!row) return;
  since ??= { epoch: row.epoch, at: performance.now() }; // evaluation and songs take time too: the clock counts it all
  const heldOut = hasHeldOut() && row.held_out_perplexity !== undefined ? number(row.held_out_perplexity, 4) : "–";
  showNumber("epoch", `${row.epoch} / ${run.epochs}`);
  showNumber("perplexity", number(row.perplexity, 4));
  showNumber("held_out", heldOut);
  showNumber("speed", speedText(row));
  perEpoch = secondsPerEpoch(row, since, performance.now());
  showNumber("remaining", duration(words, perEpoch * Math.max(0, run.epochs - row.epoch)));
  showNumber("grad_norm", number(row.grad_norm));
  parts.network_training.replaceChildren(...inBits(row.perplexity ?? Infinity));
  parts.network_held_out.replaceChildren(...inBits(heldOut === "–" ? null : row.held_out_perplexity ?? Infinity));
  parts.network.textContent = fill(words["compared.network"], { n: row.epoch });
}

// A perplexity, and its log2: the bits per character.
/** @param {number | null} value null where there is none */
const inBits = (value) => value === null ? ["–"] : [
  number(value, 4), make("small", "", fill(words["compared.bits"], { n: number(Math.log2(value), 3) })),
];

// What needs no network, a row each, above the network itself.
function showBaselines() {
  parts.compared.hidden = !run.baselines.length;
  parts.baselines.replaceChildren(...run.baselines.map(([name, ...values]) => make(
    "tr", "", Object.assign(make("th", "", name), { scope: "row" }),
    ...values.map((value) => make("td", "", ...inBits(value))),
  )));
  const { counted, train } = run.counted;
  const key = !counted ? "counting" : counted < train ? "counted_part" : "counted";
  parts.counted.textContent = fill(words[`compared.${key}`], { n: number(counted, 9), all: number(train, 9) });
}

function showDevice() {
  const key = run.device_trouble ? `device.${run.device_trouble}` : "device";
  parts.device.textContent = run.device ? fill(words[key], { device: run.device }) : "";
}

/** @param {Partial<EpochRow> | null | undefined} row */
function offerModel(row) {
  parts.save.hidden = !(row && current.startsWith("runs/"));
  parts.save.href = `lab/${current}/model`;
}

// --- the curve ---

/** @param {TrainRow[]} rows */
async function append(rows) {
  const start = { x: trace("minibatch").x.at(-1) ?? 0, y: trace("minibatch").y.at(-1) ?? trace("uniform").y[0] };
  const { points, changes } = pointsOf(rows, start, hasHeldOut());
  for (const row of rows) {
    if (row.kind === "step") recent = [...recent, row.y].slice(-RECENT);
    if (row.kind === "untrained") songs.showUntrained(row);
    if (row.kind === "progress") {
      interim = row.held_out_perplexity;
      songs.show(row.samples);
    }
    if (row.kind !== "epoch") continue;
    [recent, interim, kept] = [[], null, betterOf(kept, row)];
    showEpoch(row);
    showKept();
    songs.show(row.samples);
  }
  if (!changes.length && !Object.keys(points).length) return;
  await extend(parts.plot, points, (data) => {
    const trace = traceOf(data, "changed"), { minallowed, maxallowed } = parts.plot.layout.yaxis;
    if (run.keep === "best" && kept) Object.assign(traceOf(data, "kept"), { x: [kept.epoch], y: [kept.held_out_perplexity] });
    const within = (/** @type {number | null} */ y) => Math.min(Math.max(y ?? Infinity, 10 ** minallowed), 10 ** maxallowed);
    for (const { x, y, rate } of changes) {
      trace.x = [...(trace.x ?? []), x];
      trace.y = [...(trace.y ?? []), within(y)];
      trace.text = [...(trace.text ?? []), `${trace.name} ${number(rate, 4)}`];
      trace.customdata = [...(trace.customdata ?? []), rate];
    }
  });
  parts.plot.dataset.redraws = Number(parts.plot.dataset.redraws) + 1;
}

// The curve of the run before stays, pale, behind the one that comes; not that of another vocabulary, whose perplexities
// say something else.
function keepGhost() {
  const curve = trace("training");
  if (curve?.x?.length) ghost = { x: [...curve.x], y: [...curve.y], line: { ...curve.line }, model: run.model, uniform: run.uniform };
}
/** @param {Figure} figure */
const withGhost = (figure) => {
  if (!ghost || (run.uniform && run.uniform !== ghost.uniform)) return figure;
  const look = { x: ghost.x, y: ghost.y, line: ghost.line, name: fill(words.before, { run: ghost.model }), showlegend: true };
  return { ...figure, data: figure.data.map((each) => (each.uid === "ghost" ? { ...each, ...look } : each)) };
};

// --- the run ---

/** @param {TrainPayload} payload @param {string} reference */
async function picture(payload, reference) {
  const isAnother = reference !== current;
  if (current && isAnother) keepGhost();
  [current, run, words] = [reference, payload, payload.words];
  [since, perEpoch, recent, interim] = [null, null, payload.steps, payload.interim];
  writeWords(panel, words);
  parts.plot.setAttribute("aria-label", words.plot ?? "");
  parts.title.textContent = payload.title;
  parts.train_live.hidden = payload.state !== "recorded";
  remember(SHOWN, payload.state === "recorded" ? reference : null);
  showRun("train", payload.settings, reference, context.props.value, context.trigger);
  await draw(parts.plot, withGhost(payload.figure), payload.dark_colors);
  for (const name of NUMBERS) showNumber(name, "–");
  showBaselines();
  const { x, y } = trace("kept");
  kept = x?.length ? { epoch: x[0], held_out_perplexity: y[0] } : null;
  showEpoch(payload.last);
  showKept();
  songs.begin(payload, words, isAnother);
  offerModel(payload.last);
  showDevice();
  showState(payload);
}

/** @param {TrainNews} latest */
async function news(latest) {
  if (latest.title) {
    parts.title.textContent = latest.title;
    showRun("train", latest.settings, current, "", context.trigger);
  }
  await append(latest.rows);
  offerModel(latest.rows.findLast((row) => row.kind === "epoch") ?? (parts.save.hidden ? null : {}));
  showState(latest);
}

const ROLES = [
  "plot", "state", "songs", "save", "progress", "kept", "warning", "device", "compared", "baselines", "counted", "title", "heading",
  "missing", "network", "network_row", "network_training", "network_held_out", "train_live",
];

/** @param {PanelContext<string>} given */
export function attach(given) {
  const { element, props, watch } = context = given;
  const role = roles(panel = element);
  parts = Object.fromEntries(ROLES.map((name) => [name, role(name)]));
  songs = new Songs({ songs: parts.songs, heading: parts.heading, missing: parts.missing });
  parts.plot.dataset.redraws = 0; // how often points were appended: the browser tests count it
  const follow = followRun(element, {
    picture,
    news,
    // A new beginning, a later end and n-grams that have been counted change the axis or the baselines: draw anew.
    stale: (/** @type {TrainNews} */ latest) => latest.epochs !== run.epochs || latest.rows.some(changesBaselines),
    lost: () => { parts.state.textContent = words["state.lost"]; },
    gone: () => { parts.state.textContent = words["state.gone"]; },
  }, HOME);
  parts.train_live.addEventListener("click", () => document.getElementById("train")?.click());
  watch("value", () => follow(props.value));
  follow(props.value === HOME ? recall(SHOWN) ?? HOME : props.value);
}
