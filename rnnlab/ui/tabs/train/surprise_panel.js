// @ts-check
// The text of the run that the tab shows, each token as dark as it was unexpected after the epoch of the handle. Nothing
// is asked for while the section is closed. The panel is on the page once, so its state is the module's.

import { answerOf } from "../../frontend/lib/answer.js";
import { LongRequest } from "../../frontend/lib/long_answer.js";
import { number, whole } from "../../frontend/lib/numbers.js";
import { attachment, followLanguage, language, make, queryAll, roles } from "../../frontend/lib/page.js";
import { ownWord, Retries } from "../../frontend/lib/retries.js";
import { followShown } from "../../frontend/lib/shown_run.js";
import { fill, visible } from "../../frontend/lib/text.js";
import { expectedNodes, noExpected, placeBox } from "./surprise_box.js";
import { oddsOf, SHADES } from "./surprise_scale.js";
import { queryOf, statusOf, writePart } from "./surprise_status.js";
import { SurpriseText } from "./surprise_text.js";

/** @import { ShownRun } from "../../frontend/lib/shown_run.js" */
/** @import { PanelContext, SurpriseValue, Words } from "../../frontend/types.d.ts" */

const HOME = "curves/lyrics-zh";
const PAUSE = 1000; // milliseconds at least between two looks at a run that trains
const NEWER = 409, AFTER = 2000; // another page of this visitor asks for the same; milliseconds until this one does again
const SETTLED = 120; // until what was expected at a chosen token is asked for: keys pass over many
const STAYED = 200; // until an epoch of which nothing is kept is trained anew: the handle passes over many
const RARE = 10; // one in so many and more is told
const BEYOND = 254; // tenths of a bit that stand for more as well

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {HTMLDetailsElement} */
let details;
/** @type {Words} */
let words = {};
/** @type {SurpriseText[]} */
let texts = [];
let reference = HOME; // whose text is shown: "runs/<id>" or "curves/<name>"
/** @type {number | null} the epoch of the handle; null for the last one */
let epoch = null;
let now = 0; // the last whole epoch
/** @type {Record<string, number>} where the window of each part is to begin */
let starts = { training: 0, held_out: 0 };
/** @type {SurpriseValue | null} */
let value = null;
let shown = ""; // the reference that `value` is of
let refused = ""; // the reference of which the server has nothing
let busy = false;
let again = false; // whether something else was wanted meanwhile
let asked = 0; // when the server was asked last
let took = 0; // milliseconds that it took
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let settled;
/** @type {SurpriseText | null} the part with the chosen token */
let chosen = null;
const exact = new LongRequest(STAYED), retries = new Retries(), exactRetries = new Retries();
let inquiry = 0; // counts chosen tokens; the answer for an older one is dropped

// --- what is asked for ---

/** Ask for what is wanted now, or after the request that is under way. @returns {Promise<void>} */
async function ask() {
  clearTimeout(timer);
  timer = undefined;
  if (!details.open || refused === reference || reference.startsWith("watched/")) return; // of a run that is watched, the text is not shown
  if (busy) return void (again = true);
  const whose = reference, isKnown = shown === whose && texts.every((text) => !text.nodes.length || text.drawn === keyOf(text.part, starts[text.part]));
  exact.cancel();
  [busy, again, asked] = [true, false, performance.now()];
  details.toggleAttribute("data-busy", shown !== whose);
  const { status, body } = await answerOf(`lab/${whose}/surprise?${queryOf(epoch, starts, isKnown)}`);
  [busy, took] = [false, performance.now() - asked];
  details.removeAttribute("data-busy");
  if (whose === reference && status === 200) receive(body, whose);
  else if (whose === reference && status === 404) refuse(whose);
  else if (whose === reference && status !== NEWER) say(body?.message ?? (status ? ownWord("serverFailed") : words.lost));
  const pause = status === NEWER ? AFTER : body ? (retries.reset(), null) : retries.next(status);
  if (again) ask();
  else if (pause) timer = setTimeout(ask, pause);
  else if (status === 200 && epoch === null && now > (value?.wanted ?? 0)) later();
}

/** Have the epoch of the handle trained anew; until then the nearest one is shown. @param {string} whose */
function askExactly(whose) {
  const bar = role("share"), address = `lab/${whose}/surprise/exact?${queryOf(value.wanted, starts, true)}`;
  exact.start(address, (share) => { bar.hidden = false; bar.value = share; }, ({ status, body }) => {
    bar.hidden = true;
    const pause = body ? (exactRetries.reset(), null) : exactRetries.next(status);
    if (status === 200) receive(body, whose);
    else if (pause) timer ??= setTimeout(ask, pause);
    else if (status !== 404 && status !== NEWER) say(body?.message ?? ownWord("serverFailed")); // NEWER: two pages would end each other's work for ever
  });
}

/** Ask soon: a run that trains is looked at once a second, less often where a look takes long. */
function later() {
  if (!details.open) return;
  const due = asked + Math.max(PAUSE, 3 * took) - performance.now();
  timer ??= setTimeout(() => (document.hidden ? (timer = undefined) : ask()), Math.max(0, due));
}

/** Nothing is to be trained anew any more. */
const stop = () => (exact.cancel(), (role("share").hidden = true));

/** Show another run. @param {string} whose */
function point(whose) {
  if (whose === reference && shown) return;
  stop();
  [reference, epoch, starts, value, refused] = [whose, null, { training: 0, held_out: 0 }, null, ""];
  ask();
}

/** The live panel shows a run, or has one more epoch of it. @param {ShownRun} run */
function onShown(run) {
  now = run.epoch;
  if (run.reference !== reference) return point(run.reference);
  if (epoch === null && value && value.wanted !== now) later();
}

/** The handle has moved. @param {CustomEvent<{ reference: string, epoch: number, now: number }>} event */
function onEpoch({ detail }) {
  if (detail.reference !== reference) point(detail.reference);
  [now, epoch] = [detail.now, detail.epoch === detail.now ? null : detail.epoch];
  if (value?.wanted === detail.epoch) return;
  stop();
  if (value?.live && epoch === null) later();
  else ask();
}

// --- what is drawn ---

/** @param {string} part @param {number} start */
const keyOf = (part, start) => `${reference} ${part} ${start}`;

/** @param {SurpriseValue} received @param {string} whose */
function receive(received, whose) {
  const began = performance.now();
  [value, shown] = [received, whose];
  details.removeAttribute("data-gone");
  say("");
  for (const text of texts) {
    const window = value.parts[text.part];
    if (window) {
      starts[text.part] = window.start;
      text.draw(window, keyOf(text.part, window.start), Math.log2(value.vocab_size));
    } else text.say(words.none ?? "");
  }
  write();
  details.dataset.epoch = `${value.epoch}`;
  if (value.replay === "possible" && epoch !== null) askExactly(whose);
  details.dataset.milliseconds = (performance.now() - began).toFixed(1); // the browser tests read both
}

/** Nothing is kept of a run: take away what is on the page of the one before, and ask no more. @param {string} whose */
function refuse(whose) {
  [refused, shown, value] = [whose, "", null];
  hide();
  for (const name of ["epoch", "guess", "reading"]) role(name).textContent = "";
  for (const text of texts) {
    text.say("");
    role("mean", text.section).textContent = "";
    role("pages", text.section).hidden = true;
  }
  delete details.dataset.epoch;
  details.setAttribute("data-gone", "");
  say(words.gone);
}

function write() {
  if (refused) say(words.gone);
  if (!value) return;
  role("epoch").textContent = statusOf(value, words);
  role("guess").textContent = fill(words.guess, { bits: number(Math.log2(value.vocab_size)), n: whole(value.vocab_size) });
  role("reading").textContent = words[value.words ? "reading_words" : "reading"] ?? "";
  for (const { part, section } of texts) writePart((name) => role(name, section), value.parts[part], words);
}

/** @param {string | undefined} message */
function say(message) {
  role("message").hidden = !message;
  role("message").textContent = message ?? "";
}

/** Show the next window of a part, or the one before. @param {string} part @param {number} step */
function page(part, step) {
  const window = value?.parts[part];
  if (!window) return;
  starts[part] = window.start + step * window.window;
  ask();
}

// --- what was expected instead ---

/** @param {SurpriseText} text @returns {void} */
function explain(text) {
  if (text.place < 0) return void (chosen === text && hide());
  if (chosen && chosen !== text) chosen.select(-1);
  chosen = text;
  const tenths = text.tenths[text.place], token = visible(text.pieces[text.place]);
  const facts = { token, bits: number((tenths ?? 0) / 10), odds: number(oddsOf(tenths ?? 0), 2) };
  const rarity = oddsOf(tenths ?? 0) < RARE ? "likely" : "place";
  const key = tenths === null ? "first" : tenths >= BEYOND ? "beyond" : rarity;
  const heading = make("p", "", make("b", "", fill(words[key], facts)));
  const mine = ++inquiry;
  role("box").replaceChildren(heading);
  place();
  clearTimeout(settled);
  if (tenths !== null && value?.has_model) settled = setTimeout(() => inquire(text, mine, heading), SETTLED);
}

/** @param {SurpriseText} text @param {number} mine @param {HTMLElement} heading @returns {Promise<void>} */
async function inquire(text, mine, heading) {
  if (!value) return;
  const at = value.epoch, query = `epoch=${at}&part=${text.part}&place=${text.start + text.place}&lang=${language()}`;
  const { status, body } = await answerOf(`lab/${shown}/expected?${query}`);
  if (mine !== inquiry || chosen !== text) return;
  const nothing = noExpected({ status, body }, words);
  role("box").replaceChildren(heading, ...(status === 200 ? expectedNodes(body, at, words) : nothing ? [make("p", "", nothing)] : []));
  place();
}

/** Put the box beside the chosen token, if that is in view. */
const place = () => placeBox(role("box"), chosen?.nodes[chosen.place], chosen?.element);

function hide() {
  clearTimeout(settled);
  [chosen, inquiry] = [null, inquiry + 1];
  role("box").hidden = true;
}

/** @param {PanelContext<null>} context */
export function attach({ element }) {
  const signal = attachment("surprise");
  role = roles(element);
  [shown, value, refused, chosen] = ["", null, "", null]; // nothing is drawn in this panel yet
  details = role("details");
  texts = [...queryAll(element, "[data-part]")].map((section) => new SurpriseText(section, explain));
  role("ramp").replaceChildren(...Array.from({ length: SHADES }, (_, shade) => make("i", `s${shade}`)));
  for (const { part, section } of texts) {
    role("earlier", section).addEventListener("click", () => page(part, -1));
    role("later", section).addEventListener("click", () => page(part, 1));
  }
  details.addEventListener("toggle", () => (details.open ? ask() : (stop(), hide())));
  document.addEventListener("rnnlab:epoch", /** @type {EventListener} */ (onEpoch), { signal });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && epoch === null && value && value.wanted !== now) later(); }, { signal });
  document.addEventListener("pointerdown", ({ target }) => { if (chosen && !chosen.element.contains(/** @type {Node} */ (target))) chosen.select(-1); }, { signal });
  for (const event of ["scroll", "resize"]) addEventListener(event, () => chosen && place(), { capture: true, passive: true, signal });
  followLanguage(element, "surprise", (known) => { words = known; write(); if (chosen) explain(chosen); });
  followShown("train", onShown, "surprise");
}
