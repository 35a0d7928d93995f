// @ts-check
// The tab Inside: the text strip, the switch of the sections, and asking for what a section draws. `__init__.py` says
// how to add a section. The panel is on the page once, so its state is the module's.

import { Inquiry } from "../../frontend/lib/answer.js";
import { whole } from "../../frontend/lib/numbers.js";
import { attachment, followLanguage, inLanguage, joinSentences, language, make, onChange, queryAll, roles, withWords } from "../../frontend/lib/page.js";
import { ownWord, Retries } from "../../frontend/lib/retries.js";
import { fill, visible } from "../../frontend/lib/text.js";
import { travel } from "../train/time_travel.js";
import { ExactEpoch, epochSentences } from "./exact.js";
import { Strip } from "./strip.js";

/** @import { InsideSection, OpenedValue, PanelContext, Words } from "../../frontend/types.d.ts" */

const SETTLED = 300; // milliseconds that the handle of time travel rests before its epoch is opened
const PAUSE = 1000; // at least between two openings of a run that trains
const BUSY = 409, AFTER = 1500; // milliseconds until a busy server is asked again
const GIVEN_UP = 10_000; // until an opening that was refused does not count as under way

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {(event: string) => void} */
let trigger;
/** @type {Words} */
let words = {};
/** @type {Strip} */
let strip;
/** @type {ExactEpoch} */
let exact;
/** @type {OpenedValue | null} */
let opened = null;
/** @type {Map<string, InsideSection>} by name; those that are on the page */
let sections = new Map();
/** @type {Map<string, string>} the key of the text that a section has drawn */
let drawn = new Map();
/** @type {Map<string, Inquiry>} of each section: a question ends the one before */
const inquiries = new Map();
/** @type {Map<string, number>} counts the questions of each section */
const questions = new Map();
let chosen = "";
let epoch = -1; // under the handle when the text was opened
let began = 0; // when the last opening was asked for; 0: none is under way
let took = 0; // milliseconds that the last one took
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

// --- opening ---

const isShown = () => !document.hidden && role("inside").getClientRects().length > 0;

/** Open the text again: at another epoch, or because the server has not kept it. @returns {void} */
function reopen() {
  clearTimeout(timer);
  timer = undefined;
  if (began && performance.now() - began < GIVEN_UP) return void (timer = setTimeout(reopen, SETTLED));
  began = performance.now();
  epoch = travel.epoch;
  trigger("submit");
}

/** The handle of time travel has moved. @param {CustomEvent<{ reference: string, epoch: number }>} event */
function onEpoch({ detail }) {
  if (!opened?.run || detail.reference !== opened.run || detail.epoch === epoch) return;
  exact.cancel();
  if (!isShown()) return; // it is opened when the tab is selected
  clearTimeout(timer);
  timer = setTimeout(reopen, Math.max(SETTLED, began ? 0 : Math.max(PAUSE, 3 * took) - SETTLED));
}

/** @param {OpenedValue | null} value */
function receive(value) {
  if (!value?.key || value.key === opened?.key) return;
  took = began ? performance.now() - began : 0;
  began = 0;
  if (travel.reference === value.run) epoch = travel.epoch;
  show(value);
}

/** Draw what was opened, and have the exact network of its epoch trained if this is not it. @param {OpenedValue} value */
function show(value) {
  opened = value;
  role("inside").removeAttribute("data-empty");
  role("inside").toggleAttribute("data-stateless", !value.states.length); // a note says why there is nothing to show
  say("");
  strip.draw(value.pieces);
  if (!value.states.length) strip.clear();
  write();
  showSections();
  exact.want(value);
}

// --- the sections ---

async function showSections() {
  const names = opened.sections;
  for (const name of names) if (!sections.has(name)) await attachSection(name);
  if (!opened) return; // the panel was attached anew meanwhile
  if ([...queryAll(role("switch"), "button")].map(({ dataset }) => dataset.name).join() !== names.join()) {
    role("switch").replaceChildren(...names.map((name) => button(name))); // only then: one of them may have the focus
    nameSections();
  }
  choose(names.includes(chosen) ? chosen : names[0]);
}

/** @param {string} name */
async function attachSection(name) {
  const { section } = await import(window.rnnlab.module(`tabs/inside/${name}.js`));
  if (sections.has(name)) return; // two openings have waited for it
  const root = role("inside").querySelector(`[data-section="${name}"]`);
  sections.set(name, section);
  section.attach(root, strip, (/** @type {Record<string, string>} */ query) => ask(name, query));
}

/** @param {string} name */
function button(name) {
  const node = make("button");
  Object.assign(node, { type: "button", id: `inside-tab-${name}` });
  node.dataset.name = name;
  node.setAttribute("role", "tab");
  node.addEventListener("click", () => choose(name));
  node.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const names = opened.sections, next = names[(names.indexOf(name) + step + names.length) % names.length];
    choose(next);
    role("switch").querySelector(`[data-name="${next}"]`).focus();
  });
  return node;
}

function nameSections() {
  for (const node of queryAll(role("switch"), "button")) withWords(`inside_${node.dataset.name}`, ({ title }) => { node.textContent = title; });
}

/** Show a section, and let it draw what is opened. @param {string | undefined} name */
function choose(name) {
  if (!name) return;
  for (const node of queryAll(role("switch"), "button")) {
    node.setAttribute("aria-selected", `${node.dataset.name === name}`);
    node.tabIndex = node.dataset.name === name ? 0 : -1;
  }
  for (const node of queryAll(role("inside"), "[data-section]")) node.hidden = node.dataset.section !== name;
  if (name !== chosen) {
    sections.get(chosen)?.hide();
    strip.clear();
    chosen = name;
  }
  const section = sections.get(name), key = opened.key;
  if (drawn.get(name) !== key) {
    drawn.set(name, key);
    section.draw(opened);
  }
  section.show();
}

/**
 * Ask for what a section draws; null if the page has moved on meanwhile, or the server has refused.
 * @param {string} name
 * @param {Record<string, string>} query
 */
async function ask(name, query) {
  if (!opened) return null;
  const mine = (questions.get(name) ?? 0) + 1, { key } = opened;
  questions.set(name, mine);
  if (!inquiries.has(name)) inquiries.set(name, new Inquiry());
  for (const retries = new Retries(); ;) {
    const asked = new URLSearchParams({ ...query, lang: language() });
    const { status, body } = await inquiries.get(name).ask(`lab/inside/${key}/${name}?${asked}`);
    if (questions.get(name) !== mine || opened?.key !== key) return null;
    say(status === 200 || status === 404 ? "" : status === 0 ? words.lost : status === BUSY ? words.busy : body?.message ?? ownWord("serverFailed"));
    if (status === 200) return body;
    if (status === 404) reopen();
    if (status !== 0 && status !== BUSY) return null;
    const pause = status === BUSY ? AFTER : retries.next(status);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

// --- words ---

function write() {
  if (!opened) return;
  role("facts").textContent = joinSentences(epochSentences(opened, words));
  Object.assign(role("inside").dataset, { epoch: opened.epoch, source: opened.source }); // the browser tests read both
  const notes = inLanguage(opened.notes);
  role("notes").hidden = !notes.length;
  role("notes").replaceChildren(...notes.map((note) => make("li", "", note)));
  const suffix = opened.words ? "_word" : "";
  role("strip").setAttribute("aria-label", words[`strip${suffix}`] ?? "");
  role("keys").textContent = words[`keys${suffix}`] ?? "";
  tellPlace();
}

function tellPlace() {
  const { cursor, first, last, pieces } = strip;
  if (!opened || cursor < 0) return;
  const total = whole(pieces.length), suffix = opened.words ? "_word" : "";
  role("place").textContent = last > first
    ? fill(words[`selected${suffix}`], { first: whole(first + 1), last: whole(last + 1), total })
    : fill(words[`place${suffix}`], { place: whole(cursor + 1), total, piece: visible(pieces[cursor]) });
}

/** @param {string | undefined} message */
function say(message) {
  role("message").hidden = !message;
  role("message").textContent = message ?? "";
}

/** @param {PanelContext<OpenedValue | null>} context */
export function attach({ element, props, watch, trigger: send }) {
  const signal = attachment("inside");
  role = roles(element);
  trigger = send;
  [opened, sections, drawn, chosen] = [null, new Map(), new Map(), ""]; // nothing is drawn in this panel yet
  exact?.cancel();
  exact = new ExactEpoch(role, { show, gone: reopen, say, words: () => words });
  strip = new Strip(role("strip"));
  strip.listen({ cursor: tellPlace, selection: tellPlace });
  document.addEventListener("rnnlab:epoch", /** @type {EventListener} */ (onEpoch), { signal });
  followLanguage(element, "inside", (known) => { words = known; opened ? write() : say(words.loading); });
  onChange(["language"], nameSections);
  watch("value", () => receive(props.value));
  receive(props.value);
}
