// @ts-check
// Temperatures side by side: a column for each, with its copied runs underlined and the place where it departs from the
// column before. What a model wrote is set as text. The panel is on the page once, so its state is the module's.

import { decimal, number, percent } from "../../frontend/lib/numbers.js";
import { followLanguage, joinSentences, make, queryAll, roles } from "../../frontend/lib/page.js";
import { recall, rememberOnLeave } from "../../frontend/lib/storage.js";
import { direction, fill, languageOfScript } from "../../frontend/lib/text.js";
import { moveTo, passageParts, segmentsOf } from "./copied.js";
import { departure, ruler } from "./ruler.js";

/** @import { PanelContext, TemperatureColumn, TemperatureColumns, Words } from "../../frontend/types.d.ts" */

const PATIENCE = 8000; // milliseconds after which an answer that did not come is waited for no more
const STORAGE_KEY = "rnnlab_beside";
/** @type {Record<string, string>} */
const SIGNS = { " ": "␣", "\n": "↵", "\t": "⇥" };

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Words} */
let words = {};
/** @type {TemperatureColumns | null} */
let value = null;
/** @type {ReturnType<typeof ruler>} */
let scale;
/** @type {(event: string) => void} */
let trigger;
/** @type {Set<number>} columns whose handle has moved and that are not written anew yet */
const moved = new Set();
/** @type {{ indices: number[], temperatures: number[], at: number } | null} what the server writes now */
let asked = null;

function draw() {
  const columns = value?.columns ?? [];
  const isWhole = value && columns.length === value.total;
  role("state").textContent = !value ? words["beside.empty"] ?? "" : isWhole ? "" : fill(words["beside.of"], { done: columns.length, total: value.total });
  role("columns").replaceChildren(...columns.map(columnElement));
  role("ruler").hidden = !isWhole;
  if (isWhole) scale.show(columns.map((column) => column.temperature), words);
  hidePassage();
}

// --- the ruler ---

/** A handle has moved. @param {number} index @param {number} temperature */
function move(index, temperature) {
  value = { ...value, columns: value.columns.map((column, at) => (at === index ? { ...column, temperature } : column)) };
  moved.add(index);
  draw();
  ask();
}

/** Let the server write the moved columns, by the seed of the others; one question at a time. */
function ask() {
  if (!moved.size || (asked && performance.now() - asked.at < PATIENCE)) return;
  const indices = [...moved].sort(), temperatures = indices.map((index) => value.columns[index].temperature);
  asked = { indices, temperatures, at: performance.now() };
  moved.clear();
  const all = value.columns.map((column) => column.temperature).join(", ");
  window.rnnlab.movedTemperatures = { list: temperatures.join(", "), seed: value.seed, all };
  trigger("submit");
}

/** Put the columns that were asked for in their places; if something else has changed meanwhile, ask for all of them. */
function receiveMoved(/** @type {TemperatureColumns} */ answer) {
  const question = asked;
  asked = null;
  if (!question || !value || answer.columns.length !== question.indices.length) return;
  if (answer.of !== value.of && question.indices.length < value.columns.length) {
    value.columns.forEach((_, index) => moved.add(index));
    return ask();
  }
  const columns = [...value.columns];
  question.indices.forEach((index, k) => { columns[index] = { ...answer.columns[k], temperature: columns[index].temperature }; });
  const given = [...answer.prefix].length;
  columns.forEach((column, index) => {
    const place = departure(columns[index - 1]?.text, column.text);
    columns[index] = { ...column, departs: place === null ? null : given + place };
  });
  value = { ...value, prefix: answer.prefix, of: answer.of, columns };
  draw();
  ask();
}

/** @param {TemperatureColumn} column @param {number} index */
function columnElement(column, index) {
  const song = value.prefix + column.text;
  const heading = make("h4", "", make("span", "which", index + 1), fill(words["beside.column"], { temperature: number(column.temperature) }));
  const written = make("div", "written", ...pieces([...song], column));
  Object.assign(written, { dir: direction(song) || "ltr", lang: languageOfScript(song), tabIndex: 0 });
  written.setAttribute("role", "group");
  written.setAttribute("aria-label", heading.textContent);
  written.dataset.column = String(index);
  const section = make("section", "column", heading, written, figures(column), make("p", "note", noteOf(column, index)));
  if (moved.has(index) || asked?.indices.includes(index)) section.setAttribute("aria-busy", "true");
  return section;
}

/** @param {TemperatureColumn} column @param {number} index */
function noteOf(column, index) {
  const greedy = column.temperature ? "" : words["beside.greedy"];
  if (!index) return greedy;
  const place = column.departs === null ? 0 : column.departs - [...value.prefix].length + 1;
  return joinSentences([greedy, place ? fill(words["beside.departs"], { place }) : words["beside.same"]]);
}

/** @param {TemperatureColumn} column */
function figures(column) {
  const isWords = value.has_words;
  /** @type {[string | undefined, string][]} */
  const rows = [
    [words["beside.share"], percent(column.share)],
    [words["beside.entropy"], decimal(column.entropy)],
    [words[isWords ? "beside.distinct_words" : "beside.distinct"], String(column.distinct)],
  ];
  return make("dl", "figures", ...rows.flatMap(([name, said]) => [make("dt", "", name), make("dd", "", said)]));
}

/**
 * Cut a song where a copied run begins or ends; the prefix is bold, and the place where the column departs is marked.
 * @param {string[]} song its characters
 * @param {TemperatureColumn} column
 */
function pieces(song, column) {
  let isFirst = true; // of the runs, the one that the Tab key reaches
  return segmentsOf(song.length, column.copied).map(([start, end, run]) => {
    const piece = make("span", run < 0 ? "" : "copied", ...parts(song, start, end, column.departs));
    if (run < 0) return piece;
    piece.setAttribute("role", "button");
    [piece.tabIndex, piece.dataset.run, isFirst] = [isFirst ? 0 : -1, String(run), false];
    return piece;
  });
}

/** @param {string[]} song @param {number} start @param {number} end @param {number | null} departs */
function parts(song, start, end, departs) {
  const given = Math.min(end, [...value.prefix].length);
  /** @param {number} from @param {number} to */
  const text = (from, to) => song.slice(from, to).join("");
  const before = given > start ? [make("b", "given", text(start, given))] : [];
  const begin = Math.max(start, given);
  if (departs === null || departs < begin || departs >= end) return [...before, text(begin, end)];
  const mark = make("mark", "departs", song[departs]);
  if (SIGNS[song[departs]]) mark.dataset.sign = SIGNS[song[departs]];
  return [...before, text(begin, departs), mark, text(departs + 1, end)];
}

// --- where a run stands in the text ---

function hidePassage() {
  role("passage").hidden = true;
}

/** @param {HTMLElement} run */
function showPassage(run) {
  const column = value.columns[Number(/** @type {HTMLElement} */ (run.closest("[data-column]")).dataset.column)];
  const found = column.copied ? passageParts(column.copied, Number(run.dataset.run), words) : null;
  role("passage").hidden = !found;
  if (!found) return;
  role("passage").replaceChildren(...found);
  moveTo(role("passage"), run);
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} the run that holds it */
const runOf = (target) => (target instanceof Element ? target.closest(".copied") : null);

/** @param {KeyboardEvent} event the arrow keys walk along a column's runs */
function onKey(event) {
  if (event.key === "Escape") return hidePassage();
  const run = runOf(event.target);
  if (!run) return;
  if (event.key === "Enter" || event.key === " ") showPassage(run);
  const step = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 })[event.key];
  if (step) {
    const all = [...queryAll(run.parentElement, ".copied")];
    const next = all[all.indexOf(run) + step];
    if (!next) return;
    [run.tabIndex, next.tabIndex] = [-1, 0];
    next.focus();
  }
  if (step || event.key === "Enter" || event.key === " ") event.preventDefault();
}

/** @param {PanelContext<TemperatureColumns | null>} context */
export function attach(context) {
  const { element, props, watch } = context;
  role = roles(element);
  const stored = recall(STORAGE_KEY);
  value = (props.value?.moved ? null : props.value) ?? (stored?.columns ? stored : null);
  rememberOnLeave(STORAGE_KEY, () => value);
  trigger = context.trigger;
  scale = ruler(role("ruler"), move);
  watch("value", () => {
    if (props.value?.moved) return receiveMoved(props.value);
    moved.clear();
    [value, asked] = [props.value, null];
    draw();
  });
  element.addEventListener("click", ({ target }) => {
    const run = runOf(target);
    if (run) showPassage(run);
    else if (target instanceof Node && !role("passage").contains(target)) hidePassage();
  });
  element.addEventListener("keydown", onKey);
  followLanguage(element, "generate", (known) => { words = known; draw(); });
}
