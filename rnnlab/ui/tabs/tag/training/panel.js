// @ts-check
// The training of a tagger. Its value is a reference, "lessons/tag" or "runs/<id>". Everything that a person or a model
// wrote is set as text. The panel is on the page once, so its state is the module's.

import { traceOf } from "../../../frontend/lib/bounds.js";
import { draw, extend, inThemeColors } from "../../../frontend/lib/figures.js";
import { showRun } from "../../../frontend/lib/form.js";
import { make, roles, writeWords } from "../../../frontend/lib/page.js";
import { followRun } from "../../../frontend/lib/run_stream.js";
import { fill } from "../../../frontend/lib/text.js";
import { addRow, ambiguousWords, curvePoints, CURVES, emptyLog, hasManyTags, isReal, newestScores } from "./log.js";
import { mistakeOf, resultsOf, verdictText, wordItems } from "./results.js";
import { scoresTable } from "./scores.js";
import { Steps } from "./steps.js";

/** @import { PanelContext, TagNews, TagPayload, Words } from "../../../frontend/types.d.ts" */

/** @typedef {import("./log.js").Who} Who */

/** @type {PanelContext<string>} */
let context;
/** @type {Record<string, any>} the panel's elements by role */
let parts = {};
/** @type {Words} */
let words = {};
/** @type {TagPayload | null} the run that is drawn, as it was first sent */
let run = null;
/** @type {Steps} */
let steps;
let log = emptyLog();
/** @type {Record<string, string | null>} what a visitor has chosen, else null */
const wanted = { when: null, unit: null };
/** @type {Record<string, Record<string, number>>} points of each line that are on the screen */
let drawn = { loss: {}, accuracy: {} };

/** @param {string} tag */
const nameOf = (tag) => words[`name.${run.config.corpus}.${tag}`] ?? words[`name.${tag}`] ?? tag;
const epochs = () => Number(run.config.epochs);
const lastEpoch = () => log.own.epochs.at(-1)?.epoch ?? 0;

// --- scores ---

const isOneByOne = () => Boolean(log.beside) || hasManyTags(log); // before and after do not stand side by side
const hasLearned = () => Boolean(log.own.scores[newestScores(log)]);
const whenShown = () => (wanted.when !== "before" && hasLearned() ? newestScores(log) : "before");
/** @param {string} when */
const whenWord = (when) => (when === "so far" ? fill(words.so_far, { epoch: log.own.scores[when][0].epoch }) : words[when]);
// The tutorial prints logarithms; where two taggers are compared, probabilities say more.
const unitShown = () => /** @type {"log" | "p"} */ (wanted.unit ?? (run.config.corpus?.startsWith("toy") && !log.beside ? "log" : "p"));

function showScores() {
  /** @type {[Who, string][]} */
  const columns = isOneByOne()
    ? [["own", whenShown()], ...(log.beside ? [/** @type {[Who, string]} */ (["beside", whenShown()])] : [])]
    : [["own", "before"], ["own", newestScores(log)]];
  const look = { unit: unitShown(), compact: hasManyTags(log), ambiguous: ambiguousWords(log), nameOf, words };
  parts.scores.style.setProperty("--tables", columns.length);
  parts.scores.classList.toggle("many", hasManyTags(log));
  parts.scores.replaceChildren(...columns.map(([who, when]) => {
    const rows = log[who].scores[when];
    return make("div", "", heading(who, when), ...(rows ? rows.map((row) => scoresTable(row, look)) : [make("p", "empty", words.no_after)]));
  }));
  showSteps();
  showChoices();
}

// Small lessons, word by word; where two taggers are compared, both.
function showSteps() {
  const of = (/** @type {Who} */ who) => (isReal(log) || hasManyTags(log) ? [] : log[who].scores[whenShown()] ?? []);
  const scores = { own: of("own"), ...(log.beside ? { beside: of("beside") } : {}) };
  steps.show({ scores, config: run.config, nameOf, words });
}

/** @param {Who} who @param {string} when */
function heading(who, when) {
  const own = hasManyTags(log) ? `${words.scores} · ${whenWord(when)}` : whenWord(when);
  if (!log.beside) return make("h2", "", own);
  const node = make("h2", who === "beside" ? "swatch dashed" : "swatch", words[`model.${who === "own" ? run.config.model : "none"}`]);
  const line = traceOf(run.figures.loss.data, who === "own" ? "loss" : "beside");
  node.style.setProperty("--line", inThemeColors(line.line.color, run.dark_colors));
  return node;
}

function showChoices() {
  const shown = { when: whenShown() === "before" ? "before" : "after", unit: unitShown() };
  for (const [name, choice] of Object.entries(shown)) {
    for (const button of parts[name].children) button.setAttribute("aria-pressed", String(button.dataset.choice === choice));
  }
  parts.when.hidden = !isOneByOne();
  const after = parts.when.querySelector("[data-choice=after]");
  after.disabled = !hasLearned();
  after.textContent = whenWord(newestScores(log));
}

// --- curves ---

async function drawCurves() {
  const { loss, accuracy } = run.figures, baseline = log.own.started?.baseline;
  drawn = { loss: {}, accuracy: {} };
  for (const name of /** @type {const} */ (["loss", "accuracy"])) {
    const points = curvePoints(log, name);
    for (const uid of Object.keys(CURVES[name])) {
      Object.assign(traceOf(run.figures[name].data, uid), points[uid] ?? { x: [], y: [] });
      drawn[name][uid] = points[uid]?.x.length ?? 0;
    }
  }
  for (const uid of ["loss", "beside"]) traceOf(loss.data, uid).showlegend = Boolean(log.beside);
  // Words can be unknown where some are held out.
  traceOf(accuracy.data, "unknown").showlegend = traceOf(accuracy.data, "held_out").showlegend;
  if (baseline !== undefined) {
    Object.assign(traceOf(accuracy.data, "baseline"), { x: [0, epochs() + 1], y: [baseline, baseline], showlegend: true });
  }
  await draw(parts.loss, loss, run.dark_colors);
  if (isReal(log)) await draw(parts.accuracy, accuracy, run.dark_colors);
}

async function extendCurves() {
  for (const name of /** @type {const} */ (["loss", "accuracy"])) {
    if (name === "accuracy" && !isReal(log)) continue;
    const points = curvePoints(log, name, drawn[name]);
    for (const [uid, { x }] of Object.entries(points)) drawn[name][uid] += x.length;
    if (Object.keys(points).length) await extend(parts[name], points);
  }
}

// --- results ---

function showResults() {
  const { verdict } = log.own;
  parts.results.replaceChildren(...resultsOf(log, run.config.model, words));
  parts.verdict.hidden = !verdict;
  if (verdict) parts.verdict.textContent = verdictText(verdict, run.config.model, words, nameOf);
}

// Which number stands for each word: the rows of the embedding.
function showIndices() {
  const { vocabulary = [], vocab_size } = log.own.started ?? {};
  parts.indices.hidden = !vocabulary.length;
  parts.indices_about.textContent = fill(words["indices.about"], { shown: vocabulary.length, size: vocab_size });
  parts.vocabulary.replaceChildren(...wordItems(vocabulary));
}

async function showEnded() {
  const { finished } = log.own;
  parts.ended.hidden = !finished;
  if (!finished) return;
  const color = getComputedStyle(parts.confusion).getPropertyValue("--body-text-color").trim();
  Object.assign(run.figures.confusion.data[0], finished.cells, { textfont: { color } }); // a heatmap, its only trace
  await draw(parts.confusion, run.figures.confusion, run.dark_colors);
  const mistakes = finished.mistakes.map((mistake) => mistakeOf(mistake, run.config.corpus, words, nameOf));
  parts.mistakes.replaceChildren(...(finished.accuracy === 1 ? [make("p", "", words.no_mistakes)] : mistakes));
}

/** @param {TagNews | TagPayload} news */
function showState(news) {
  const at = log.own.diverged?.epoch ?? (news.state === "running" ? Math.min(epochs(), lastEpoch() + 1) : lastEpoch());
  const key = news.state === "stopped" && !at ? "stopped_at_once" : news.state;
  const text = fill(words[`state.${key}`], { position: news.position, problem: news.problem, epoch: at, epochs: epochs() });
  const recipe = news.state === "recorded" ? null : words[`recipe.${run.config.corpus}`]; // another may be chosen above by now
  parts.state.textContent = recipe ? `${recipe} · ${text}` : text;
  const { step } = log.own, fraction = step && step.epoch > lastEpoch() ? step.step / step.steps : 0;
  parts.progress.hidden = !["running", "queued"].includes(news.state);
  parts.progress.value = (lastEpoch() + fraction) / epochs();
}

// --- the run ---

/** @param {TagPayload} payload @param {string} reference */
async function picture(payload, reference) {
  [run, words, log] = [payload, payload.words, emptyLog()];
  for (const row of payload.rows) addRow(log, row);
  parts.lesson.toggleAttribute("data-real", isReal(log));
  writeWords(context.element, words);
  showRun("tag", payload.settings, reference, context.props.value, context.trigger);
  parts.note.textContent = words[`note.${run.config.corpus}`] ?? "";
  parts.note.hidden = !parts.note.textContent;
  showScores();
  showResults();
  showIndices();
  showState(payload);
  await drawCurves();
  await showEnded();
}

/** @param {TagNews} news */
async function addNews(news) {
  for (const row of news.rows) addRow(log, row);
  if (news.rows.some((row) => row.kind.endsWith("scores"))) showScores();
  showResults();
  showState(news);
  await extendCurves();
  if (news.rows.some((row) => row.kind === "finished")) await showEnded();
}

const ROLES = [
  "lesson", "state", "progress", "scores", "verdict", "results", "note", "ended", "mistakes", "loss", "accuracy", "confusion", "when", "unit",
  "indices", "indices_about", "vocabulary", "steps",
];

/** @param {PanelContext<string>} given */
export function attach(given) {
  const { element, props, watch } = context = given;
  const role = roles(element);
  parts = Object.fromEntries(ROLES.map((name) => [name, role(name)]));
  steps = new Steps(parts.steps);
  element.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest(".choice button")) : null;
    if (!button || !run) return;
    wanted[button.parentElement.dataset.role] = button.dataset.choice;
    showScores();
  });
  const follow = followRun(element, {
    picture,
    news: addNews,
    stale: (/** @type {TagNews} */ news) => news.rows.some((row) => row.kind.endsWith("started")), // the size of the lesson: draw anew
    lost: () => { parts.state.textContent = words["state.lost"]; },
    gone: () => { parts.state.textContent = words["state.gone"]; },
  }, "lessons/tag");
  watch("value", () => follow(props.value));
  follow(props.value);
}
