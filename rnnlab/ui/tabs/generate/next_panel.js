// @ts-check
// The next character: bars of the place of the song that is looked at. A press on a bar writes the song on from there,
// by the same random numbers; the old ending stays, as a branch. Step by step, the song is written a token at a time.
// The panel is on the page once, so its state is the module's.

import { Inquiry } from "../../frontend/lib/answer.js";
import { percent, whole } from "../../frontend/lib/numbers.js";
import { followLanguage, roles } from "../../frontend/lib/page.js";
import { recall, rememberOnLeave } from "../../frontend/lib/storage.js";
import { fill } from "../../frontend/lib/text.js";
import { branchPlaces, choicesOf, endingOf, grown, neighbour, newTree, partingPlace, picked, redone, shown, tokensOf, undone, withFirst, without, writtenWith } from "./branches.js";
import { endingNodes, keepFocus } from "./endings_list.js";
import { barNodes, rowOf, sentenceOf, tokenOfKey, topOf } from "./next_bars.js";
import { nextPanel, songFoot, songPanel } from "./song_links.js";

/** @import { Tree } from "./branches.js" */
/** @import { Copied, EndingValue, NextBars, PanelContext, Song, Words } from "../../frontend/types.d.ts" */

const STORAGE_KEY = "rnnlab_endings";
const DWELL = 120; // milliseconds that the pointer rests on a letter: on its way to the bars it crosses others
const MAX_CACHED = 1000; // places whose bars are kept

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Words} */
let words = {};
/** @type {Song | null} as the server has sent it */
let song = null;
/** @type {Tree | null} */
let tree = null;
/** @type {Map<string, NextBars>} by the ending that wrote what stands before the place, and the place */
const cache = new Map();
/** @type {Set<string>} endings that are being written, by the song's key and their own */
const writing = new Set();
/** @type {NextBars | null} the bars that are shown, once they are those of the place */
let drawn = null;
let place = 0; // of the token that is looked at
let isChosen = false; // by a click or a key: then the pointer moves it no more
let isStepping = false; // whether what is after the place is hidden
let inquiry = 0; // counts the places that were looked at; the answer for an older one is dropped
/** @type {ReturnType<typeof setTimeout> | undefined} */
let dwelling;
let isGone = false; // whether the server has forgotten the song

const isReady = () => Boolean(song?.key && tree && !isGone);

// --- the server ---

const inquiries = { next: new Inquiry(), ending: new Inquiry() };
/** @param {"next" | "ending"} what @param {Record<string, string[]>} question */
const ask = (what, question) => inquiries[what].ask(`lab/songs/${song.key}/${what}`,
  { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question) });

/** @param {{ status: number, body: any }} answer */
function fail({ status, body }) {
  const message = role("message"), word = status === 404 ? "gone" : body?.message ? "" : "lost";
  isGone ||= status === 404;
  Object.assign(message, { textContent: word ? words[word] : body?.message, hidden: false });
  if (word) message.dataset.word = word; // written anew in another language
  else delete message.dataset.word;
}

/** Ask for the bars of the place, unless they are known, and draw them. */
async function showBars() {
  const mine = ++inquiry, path = choicesOf(tree), taken = path[place]?.[3], key = `${writtenWith(tree, place)}:${place}`;
  drawn = null;
  if (!song.key || isGone || taken === undefined) return;
  const known = cache.get(key);
  if (known && rowOf(known, taken)) return drawBars(known, taken);
  const answer = await ask("next", { begun: tokensOf(path.slice(0, place)), also: [taken] });
  if (mine !== inquiry) return;
  if (answer.status !== 200) return fail(answer);
  role("message").hidden = true;
  if (cache.size > MAX_CACHED) cache.clear();
  cache.set(key, answer.body);
  drawBars(answer.body, taken);
}

/** Write an ending on until it is whole or another one is shown. @param {number} id */
async function write(id) {
  const { key } = song, own = `${key}:${id}`;
  if (writing.has(own)) return;
  writing.add(own);
  while (tree.current === id && !endingOf(tree, id).isWhole) {
    const ending = endingOf(tree, id), begun = tokensOf(choicesOf(tree, id));
    const answer = await ask("ending", ending.tail.length ? { begun } : { begun, picked: [ending.token] });
    if (song?.key !== key || !endingOf(tree, id) || (!answer.status && tree.current !== id)) break; // another one by now
    if (answer.status !== 200) {
      fail(answer);
      if (!ending.tail.length) tree = without(tree, id);
      isStepping = false;
      update();
      break;
    }
    /** @type {EndingValue} */
    const value = answer.body;
    tree = grown(tree, id, value.choices, value.copied, value.is_whole);
    if (tree.current !== id) break;
    if (isStepping && !ending.tail.length && place === ending.from) place += 1;
    showEnding();
  }
  writing.delete(own);
}

// --- what is shown ---

/** @param {Copied | null} copied of an ending @returns {Copied | null} with what it is compared to, which no pick changes */
const compared = (copied) => copied && { ...copied, ngram_share: song.copied?.ngram_share, held_out_share: song.copied?.held_out_share };

/** Show the song with the current ending. */
function showEnding() {
  const ending = endingOf(tree), choices = choicesOf(tree);
  if (ending.tail.length) {
    songPanel.show({ ...song, choices, copied: ending.parent === null ? ending.copied : compared(ending.copied) });
    place = Math.max(0, Math.min(place, choices.length - 1));
  }
  update();
  if (!ending.isWhole && ending.parent !== null) write(ending.id);
}

const markPlace = () => songPanel.mark({ at: place, isChosen, branches: branchPlaces(tree), hiddenAfter: isStepping ? place : null });

/** Mark the place in the song, and draw its bars and the list of endings. */
function update() {
  if (!tree) return;
  markPlace();
  role("panel").hidden = !song.key || !choicesOf(tree).length;
  role("step").setAttribute("aria-pressed", String(isStepping));
  for (const [name, ids] of /** @type {[string, number[]][]} */ ([["undo", tree.past], ["redo", tree.future]])) role(name).setAttribute("aria-disabled", String(!ids.length));
  role("hint").textContent = words[isStepping ? "stepping" : tree.endings.length > 1 ? "several" : "hint"] ?? "";
  keepFocus(role("endings"), role("panel"), "ending", endingNodes(tree, words));
  showBars();
}

/** @param {NextBars} found @param {string} taken */
function drawBars(found, taken) {
  role("heading").textContent = fill(words.place, { n: whole(place + 1), count: whole(choicesOf(tree).length), figures: sentenceOf(rowOf(found, taken), words) });
  role("top").textContent = percent(topOf(found), 0);
  keepFocus(role("bars"), role("panel"), "token", barNodes(found, taken, words));
  drawn = found;
  songFoot.explain(found, taken);
}

// --- what a visitor does ---

/** @param {string | undefined} token */
function choose(token) {
  if (!isReady() || token === undefined) return;
  const next = picked(tree, place, token), isOther = next.tree !== tree;
  [tree, isChosen] = [next.tree, true];
  if (isStepping && !next.isNew) place = Math.min(place + 1, song.length - 1);
  (isOther ? showEnding : update)();
}

/** @param {Tree} next */
function turnTo(next) {
  if (next.current === tree.current) return;
  const before = tree.current;
  tree = next;
  [place, isChosen] = [partingPlace(tree, before, tree.current), true];
  showEnding();
}

/** @param {boolean} on */
function step(on) {
  if (on && !isReady()) return;
  [isStepping, isChosen] = [on, true];
  update();
}

/** @type {typeof nextPanel.look} */
function look(at, byChoice) {
  clearTimeout(dwelling);
  if (!song?.key || isGone) return false;
  if (!byChoice && (isChosen || isStepping)) return true;
  const go = () => ([place, isChosen] = [at, byChoice], update());
  if (byChoice) go();
  else dwelling = setTimeout(go, DWELL);
  return true;
}

/** @type {typeof nextPanel.receive} */
function receive(value) {
  if (song && value?.key && value.key === song.key && tree.endings.length > 1) { // there is more of it, or about it
    song = value;
    tree = withFirst(tree, value.choices, value.copied);
    if (endingOf(tree).parent === null || value.copied?.share !== undefined) showEnding();
    return true;
  }
  if (value?.key !== song?.key) {
    [place, isChosen, isStepping, isGone] = [0, false, false, false];
    cache.clear(), role("message").hidden = true;
  }
  song = value;
  tree = value ? newTree(value.choices, value.copied, true) : null;
  setTimeout(update, DWELL); // its first letter is there by then
  return false;
}

/** @type {typeof nextPanel.key} */
function key(event) {
  const isUndo = (event.ctrlKey || event.metaKey) && !event.altKey && ["z", "y"].includes(event.key.toLowerCase());
  if (!tree || !song?.key || (!isUndo && (event.ctrlKey || event.metaKey || event.altKey))) return false;
  if (event.key === "Escape") isChosen = false;
  const token = tokenOfKey(drawn, event.key), turn = /** @type {Record<string, number>} */ ({ ArrowUp: -1, ArrowDown: 1 })[event.key];
  if (isUndo) turnTo(event.shiftKey || event.key.toLowerCase() === "y" ? redone(tree) : undone(tree));
  else if (token !== undefined) choose(token);
  else if (turn && tree.endings.length > 1) turnTo(shown(tree, neighbour(tree, turn)));
  else if (event.key === "Enter" && isStepping) step(false);
  else return false;
  event.preventDefault();
  return true;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const isButton = event.target instanceof Element && event.target.closest("button");
  if ((event.key === "Enter" && isButton) || key(event)) return;
  const walk = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 })[event.key];
  if (!walk || !tree || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  isChosen = true;
  markPlace(); // it goes on from there
  songPanel.walk(walk);
}

/** @param {PanelContext<null>} context */
export function attach({ element }) {
  role = roles(element);
  element.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("button")) : null;
    if (drawn && button?.dataset.token !== undefined) choose(button.dataset.token);
    else if (button?.dataset.ending) turnTo(shown(tree, Number(button.dataset.ending)));
    else if (button === role("step")) step(!isStepping);
    else if (button?.dataset.role) turnTo(button === role("undo") ? undone(tree) : redone(tree));
  });
  element.addEventListener("keydown", onKey);
  Object.assign(nextPanel, { receive, look, key });
  rememberOnLeave(STORAGE_KEY, () => (tree ? { key: song.key, tree } : null));
  receive(songPanel.song());
  const stored = recall(STORAGE_KEY);
  if (song?.key && stored?.key === song.key) {
    tree = stored.tree;
    if (!endingOf(tree).isWhole) write(tree.current);
  }
  followLanguage(element, "next", (known) => {
    words = known;
    update();
  });
}
