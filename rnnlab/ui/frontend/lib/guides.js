// @ts-check
// The guides (`rnnlab/ui/guides`): which one is open and at which step, also in the address; what a step does; the
// lecture's clock; and the lecturer's window, which follows by a BroadcastChannel and can move on.

import { keepChosen } from "./drive.js";
import { GuideCard } from "./guide_card.js";
import { inLanguage, language, onChange, queryAll, withWords } from "./page.js";
import { dim, expand, find, focusOn, isShown, light, lookAgain, onFirstChange, openPlace, press, setFields, settle, showCurve, until } from "./stage.js";
import { recall, remember } from "./storage.js";
import { fill } from "./text.js";

/** @import { Clock } from "./guide_card.js" */
/** @import { Guide, GuideAction, GuideStep, Words } from "../types.d.ts" */

const LECTURE = "rnnlab_lecture"; // when it has begun, in milliseconds since 1970
const PATIENCE = 120_000; // milliseconds until a result is not waited for any more
const LOOK = 900; // milliseconds until what a step points at is brought into view once more
const TICK = 5000; // milliseconds between two looks at the clock
const FORMS = ["train", "race", "hello", "sine", "adding"]; // tabs with a form that a run fills, beside the part of Tagging that trains

/** @type {{ guide: Guide, step: number } | null} */
let open = null;
let turn = 0; // what an earlier step still waits for is of no interest to a later one
/** @type {GuideCard | null} */
let card = null;
/** @type {HTMLElement | null} to which a step has given the focus, for its keys */
let given = null;
/** @returns {string[]} the names of all guides, in the order of the lecture */
const names = () => [...queryAll(document, "#guides [data-guide]")].map(({ dataset }) => dataset.guide).filter((name) => name !== "lecture");
const channel = "BroadcastChannel" in window ? new BroadcastChannel("rnnlab-guide") : null;

const address = () => {
  const url = new URL(location.href);
  for (const key of ["lesson", "step"]) url.searchParams.delete(key);
  if (open) url.searchParams.set("lesson", open.guide.name), url.searchParams.set("step", String(open.step + 1));
  return url;
};

/** @returns {Clock} where the lecture stands, by the clock and by the plan */
function clock() {
  const begun = recall(LECTURE);
  if (!begun || !open) return null;
  const before = open.guide.steps.slice(0, open.step + 1).reduce((sum, { minutes }) => sum + minutes, 0);
  return { now: Math.floor((Date.now() - begun) / 60_000), planned: open.guide.begins + before, total: open.guide.lecture_minutes };
}

// --- one step ---

/** @param {GuideAction} action @param {GuideStep} step @param {() => void} watch called before the first press */
async function act(action, step, watch) {
  if (action.open) {
    if (step.do.some(({ set }) => set && ("song-model" in set || "inside-model" in set))) keepChosen(action.open);
    return openPlace(action.open, action.part);
  }
  if (action.curve) return showCurve(inLanguage(action.curve));
  if (action.set) {
    const { open: tab, part } = step.do.find(({ open: name }) => name) ?? {};
    const values = Object.fromEntries(Object.entries(action.set).map(([id, value]) => [id, value instanceof Object ? inLanguage(value) : value]));
    await setFields(values, FORMS.includes(tab) || part === "train" ? tab : "");
    return settle();
  }
  watch();
  if (action.press) return press(action.press);
  if (action.turn_on) return press(action.turn_on, true);
  return expand(action.expand);
}

/**
 * Do what a step says, outline its element, and wait for its result.
 * @param {boolean} pressing whether it is pressed as well: not on the way back, nor after a reload
 */
async function perform(pressing) {
  const mine = ++turn, { guide, step: number } = open, step = guide.steps[number];
  const focused = document.activeElement, { change, selector } = step.wait;
  let changed = !change || !pressing, watching = false;
  const watch = () => { if (change && !watching) watching = true, onFirstChange(change, () => { changed = true; }); };
  card.say(pressing ? "working" : "");
  for (const action of step.do) {
    if (mine !== turn) return;
    if (action.focus) continue; // at the end
    if (pressing || action.open || action.expand || isOfPlace(action)) await act(action, step, watch);
  }
  if (mine !== turn) return;
  if (given && given === focused) card.parts.next.focus({ preventScroll: true }); // the step before has had it
  else if (card.element.contains(focused)) /** @type {HTMLElement} */ (focused).focus({ preventScroll: true }); // a tab has taken it
  const keys = step.do.find(({ focus }) => focus);
  given = pressing && keys ? await focusOn(keys.focus) : null;
  if (mine !== turn) return;
  const isThere = await light(step.point);
  if (mine !== turn) return;
  const isReady = () => mine !== turn || (changed && (!selector || isShown(selector)));
  if (pressing && (change || selector)) await until(isReady, PATIENCE);
  if (mine !== turn) return;
  const isLit = isThere || await light(step.point); // it may have come with the result
  lookAgain();
  setTimeout(() => { if (mine === turn) lookAgain(); }, LOOK); // what is above it may have grown
  card.say(!isLit ? "missing" : pressing && (change || selector) && isReady() ? "ready" : "");
  card.markReady();
}

/** @param {GuideAction} action @returns {boolean} whether a press only opens a section of a tab */
const isOfPlace = ({ press: pressed }) => Boolean(pressed?.startsWith("#inside-tab-"));

// --- the guide ---

/** @param {boolean} pressing */
function show(pressing) {
  const { guide, step } = open;
  history.replaceState(history.state, "", address());
  card ??= new GuideCard({ move, again: () => perform(true), leave, notes: openNotes });
  const next = names()[names().indexOf(guide.name) + 1];
  withWords("guide", (words) => withWords(`guide_${guide.name}`, (texts) => {
    if (open?.guide !== guide || open.step !== step) return;
    card.draw({ guide, step, words, texts, clock: clock(), hasNext: Boolean(next) });
    tell(words, texts);
  }));
  perform(pressing);
}

/**
 * Open a guide at a step.
 * @param {string} name
 * @param {number} [step] from 0
 * @param {boolean} [pressing]
 */
async function begin(name, step = 0, pressing = true) {
  const answer = await fetch(`lab/guides/${name}`);
  if (!answer.ok) return;
  const guide = /** @type {Guide} */ (await answer.json());
  open = { guide, step: Math.min(Math.max(0, step), guide.steps.length - 1) };
  show(pressing);
}

/** @param {1 | -1} by */
function move(by) {
  if (!open) return;
  const { guide, step } = open, all = names(), at = all.indexOf(guide.name);
  if (guide.steps[step + by]) return open.step += by, show(by > 0);
  if (by > 0 && all[at + 1]) begin(all[at + 1]);
  else if (by < 0 && all[at - 1]) begin(all[at - 1], Infinity, false);
}

function leave() {
  turn += 1;
  open = null;
  remember(LECTURE, null);
  card?.remove();
  card = null;
  dim();
  history.replaceState(history.state, "", address());
  channel?.postMessage({ kind: "left" });
  find("#header [data-guides]")?.focus();
}

// --- the lecturer's window ---

const openNotes = () => { window.open(new URL("lab/notes", address()), "rnnlab-notes", "width=560,height=720"); };

/** @param {Words} words @param {Words} texts */
function tell(words, texts) {
  if (!open) return;
  const { guide, step } = open, { name } = guide.steps[step], after = guide.steps[step + 1], time = clock();
  const parts = Object.fromEntries(["text", "ask", "seen", "notes"].map((part) => [part, texts[`${name}.${part}`]]));
  channel?.postMessage({
    kind: "step", lang: language(), theme: window.rnnlab.theme(), words, ...parts, title: texts.title,
    step: fill(words.step, { step: step + 1, steps: guide.steps.length }),
    minutes: fill(words.minutes, { minutes: guide.steps[step].minutes }),
    clock: time && fill(words.clock, time),
    then: after ? fill(words.then, { text: texts[`${after.name}.text`] }) : "",
  });
}

const tellAgain = () => {
  if (open) withWords("guide", (words) => withWords(`guide_${open?.guide.name}`, (texts) => { card?.tick(clock()); tell(words, texts); }));
};

// --- what the page hears ---

/** @type {Record<string, 1 | -1>} those of a presenter's remote, wherever the focus is */
const PAGES = { PageDown: 1, PageUp: -1 };
/** @type {Record<string, 1 | -1>} where the focus is on the card or nowhere: elsewhere they belong to what has it */
const ARROWS = { ArrowRight: 1, ArrowLeft: -1 };

/**
 * Walk by a key. Page Up and Page Down are heard before any element has them, the arrows after.
 * @param {KeyboardEvent} event @param {Record<string, 1 | -1>} keys
 */
function onKey(event, keys) {
  const { key, target, altKey, ctrlKey, metaKey, shiftKey, defaultPrevented } = event;
  const isOurs = keys === PAGES || target === document.body || card?.element.contains(/** @type {Node} */ (target));
  if (!open || !keys[key] || !isOurs || defaultPrevented || altKey || ctrlKey || metaKey || shiftKey || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  event.stopPropagation();
  move(keys[key]);
}

/** Open the guide that the address names, when the page is there. */
async function fromAddress() {
  const query = new URLSearchParams(location.search), name = query.get("lesson");
  if (!name) return;
  await until(() => document.querySelector("#guides") && document.querySelector("#tabs [role=tab]"), PATIENCE);
  if (names().includes(name)) return begin(name, (Number(query.get("step")) || 1) - 1, !recall("rnnlab_guide_seen"));
  withWords("guide", (words) => {
    const note = /** @type {HTMLElement} */ (find("#guides [data-role=unknown]"));
    note.textContent = fill(words.unknown, { name: name.slice(0, 60) });
    note.hidden = false;
    /** @type {HTMLDialogElement} */ (find("#guides")).showModal();
  });
}

/** Listen to the button in the header, to its dialog, to keys and to the lecturer's window; once. */
export function watchGuides() {
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    const dialog = /** @type {HTMLDialogElement | null} */ (find("#guides"));
    if (target.closest("[data-guides]")) dialog?.showModal();
    if (target === dialog || target.closest("#guides [data-close]")) dialog?.close();
    const chosen = /** @type {HTMLElement | null} */ (target.closest("#guides [data-guide]"))?.dataset.guide;
    if (!chosen) return;
    dialog?.close();
    remember(LECTURE, chosen === "lecture" ? Date.now() : null);
    begin(chosen === "lecture" ? names()[0] : chosen);
  });
  document.addEventListener("keydown", (event) => onKey(event, PAGES), true);
  document.addEventListener("keydown", (event) => onKey(event, ARROWS));
  onChange(["language"], () => { if (open) show(false); });
  onChange(["theme"], tellAgain);
  channel?.addEventListener("message", ({ data }) => { if (data.kind === "move") move(data.by); else if (data.kind === "hello") tellAgain(); });
  setInterval(tellAgain, TICK);
  addEventListener("pagehide", () => remember("rnnlab_guide_seen", Boolean(open)));
  fromAddress();
}
