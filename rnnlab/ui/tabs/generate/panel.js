// @ts-check
// The song panel. Tokens appear at the pace of reading; everything that a model or a person wrote is set as text.
// A letter is one node with its marks, a word is one node, and the space before a word is text between the nodes;
// `node.choices` are its sampled tokens. The panel is on the page once, so its state is the module's.

import { percent } from "../../frontend/lib/numbers.js";
import { attachment, followLanguage, inLanguage, make, queryAll, reducedMotion, roles } from "../../frontend/lib/page.js";
import { recall, rememberOnLeave } from "../../frontend/lib/storage.js";
import { direction, isRightToLeft, joins, languageOfScript, lineElement, setLineDirection, visible } from "../../frontend/lib/text.js";
import { moveTo, passageParts, runAt } from "./copied.js";
import { alternativeRows, isLong, markLetters } from "./letters.js";
import { nextPanel, songFoot, songPanel } from "./song_links.js";

/** @import { PanelContext, SampledToken, Song, Words } from "../../frontend/types.d.ts" */

const PER_SECOND = 60; // tokens that appear
const STORAGE_KEY = "rnnlab_song";
/** @type {HTMLElement} */
let lyrics;
/** @type {HTMLElement} */
let notes;
/** @type {HTMLElement} beside a letter */
let alternatives;
/** @type {HTMLElement} where the pressed run stands in the text */
let passage;
/** @type {Words} */
let labels = {};
/** @type {HTMLElement} the columns, inside what scrolls: columns of a fixed height would run away sideways */
let text;
/** @type {Song | null} */
let song = null;
/** @type {HTMLElement | null} */
let line = null;
/** @type {HTMLElement | null} */
let lastLetter = null;
let shown = 0; // tokens
let place = 0; // characters of the song so far
let focused = -1; // the letter that the arrow keys have reached
let began = 0;

const letters = () => queryAll(lyrics, ".character");
const written = () => song.prefix + song.choices.map(([text]) => text).join("");

function showEmpty() {
  lyrics.replaceChildren(make("p", "empty", lyrics.dataset.empty));
}

// --- writing ---

// A line's end is a node in its line, which the line's box makes visible: text that is copied has it once.
/** @param {string} character a character, or a word with the space before it @param {string} className @param {SampledToken | null} choice */
function append(character, className, choice) {
  const start = place + (character.length > 1 && character.startsWith(" ") ? 1 : 0);
  place += [...character].length;
  if (lastLetter && joins(lastLetter.textContent, character)) {
    lastLetter.textContent += character;
    lastLetter.places[1] = place;
    return addChoice(lastLetter, choice);
  }
  if (!line) text.append(line = lineElement("", text.dir));
  const hasSpace = character.length > 1 && character.startsWith(" ");
  if (hasSpace) line.append(" ");
  lastLetter = make("span", className, hasSpace ? character.slice(1) : character);
  lastLetter.places = [start, place];
  addChoice(lastLetter, choice);
  mark(lastLetter);
  line.append(lastLetter);
  setLineDirection(line, line.textContent, text.dir); // a line of numbers stands with the others
  if (character !== "\n") return;
  lastLetter.classList.add("end");
  if (line.firstChild === lastLetter) lastLetter.classList.add("blank"); // the line has nothing else that gives it its height
  line = null;
}

/** @param {HTMLElement} node @param {SampledToken | null} choice */
function addChoice(node, choice) {
  if (!choice) return;
  node.choices = [...(node.choices ?? []), choice];
  node.token ??= shown;
  node.classList.add("character");
  node.style.setProperty("--sure", probabilityOf(node).toFixed(3));
}
/** @param {HTMLElement} node */
const probabilityOf = (node) => node.choices.reduce((product, [, p]) => product * p, 1);

function restart() {
  text = make("div", "text");
  lyrics.replaceChildren(text);
  lyrics.lang = languageOfScript(written());
  layOut();
  line = lastLetter = null;
  shown = place = 0;
  focused = -1;
  alternatives.hidden = passage.hidden = true;
  for (const character of song.prefix) append(character, "given", null);
  began = performance.now();
}

function layOut() {
  text.dir = direction(written()) || "ltr"; // where the first column is
  text.classList.toggle("long", isLong(written(), lyrics.lang));
}

function reveal() {
  if (!song) return;
  const due = reducedMotion() ? Infinity : ((performance.now() - began) / 1000) * PER_SECOND;
  for (; shown < Math.min(due, song.choices.length); shown++) append(song.choices[shown][0], "character", song.choices[shown]);
  lyrics.dataset.shown = String(shown);
  if (shown < song.choices.length) requestAnimationFrame(reveal);
}

/** @param {Song | null} value @param {Song | null} before whether `value` is `before`, with more of it or about it */
const continues = (value, before) => Boolean(before && value && value.prefix === before.prefix
  && value.choices.length + Number(Boolean(value.copied?.passages)) > before.choices.length && before.choices.every(([text], i) => text === value.choices[i][0]));

/** @param {Song | null} value */
function receive(value) {
  if (value?.is_first && song && song.key !== value.key) return; // nobody has asked for it
  if (nextPanel.receive(value)) return;
  const goesOn = continues(value, song);
  song = value;
  lyrics.toggleAttribute("data-first", Boolean(song?.is_first));
  if (!song) return showEmpty();
  if (goesOn) layOut();
  else restart(), showNotes();
  showCopied();
  requestAnimationFrame(reveal);
}

// --- for the panel of the next character ---

/** @param {Song} value */
function showEnding(value) {
  const goesOn = continues(value, song);
  song = value;
  if (goesOn) layOut();
  else restart();
  began = -Infinity; // all at once
  reveal();
  showNotes();
  showCopied();
}

/** @type {typeof songPanel.mark} */
const markPlaces = (marks) => {
  const letter = markLetters(letters(), marks);
  if (marks.isChosen) focused = letter;
};

// --- what is copied from the training text ---

/** @param {HTMLElement} node */
const runOf = (node) => runAt(song.copied, node.places[0], node.places[1]);
/** @param {HTMLElement} node */
const mark = (node) => node.classList.toggle("copied", runOf(node) >= 0);

function showCopied() {
  for (const letter of queryAll(text, "span")) if (letter.places) mark(letter);
  songFoot.show(song.copied);
}

/** @param {HTMLElement} node */
function showPassage(node) {
  const number = node.places ? runOf(node) : -1, parts = number < 0 ? null : passageParts(song.copied, number, labels);
  passage.hidden = !parts;
  if (!parts) return;
  hide();
  passage.replaceChildren(...parts);
  moveTo(passage, node);
}

function showNotes() {
  notes.textContent = song ? inLanguage(song.notes).join(" ") : "";
}

// --- what else each token could have been ---

/** @param {HTMLElement} node */
function explain(node) {
  alternatives.replaceChildren(...alternativeRows(node.choices));
  alternatives.hidden = false;
  moveTo(alternatives, node);
}

function hide() {
  alternatives.hidden = true;
  lyrics.querySelector(".here")?.classList.remove("here");
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.key === "Escape") passage.hidden = true;
  if (nextPanel.key(event)) return;
  const key = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 })[event.key], letter = letters()[focused];
  if (event.key === "Enter" && letter) showPassage(letter);
  if (!key || !letters().length || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  explain(walk(key));
}

/** @param {number} key 1 to the right, -1 to the left */
function walk(key) {
  const all = letters(), step = isRightToLeft(all[Math.max(0, focused)]) ? -key : key;
  focused = Math.min(all.length - 1, Math.max(0, focused + step));
  hide();
  const letter = all[focused];
  letter.classList.add("here");
  letter.scrollIntoView({ block: "nearest" });
  if (!nextPanel.look(letter.token, true)) notes.textContent = `\u2068${visible(letter.textContent)}\u2069 ${percent(probabilityOf(letter))}`;
  return letter;
}

/** @param {PanelContext<Song | null>} context */
export function attach({ element, props, watch }) {
  const role = roles(element);
  [lyrics, notes, alternatives, passage] = ["lyrics", "notes", "alternatives", "passage"].map((name) => role(name));
  text = lyrics;
  lyrics.addEventListener("pointerover", ({ target }) => {
    if (!(target instanceof HTMLElement && target.choices)) return hide();
    explain(target);
    nextPanel.look(target.token, false);
  });
  lyrics.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") hide(); }); // a lifted finger leaves, too
  lyrics.addEventListener("blur", hide);
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof HTMLElement) || passage.contains(target)) return;
    showPassage(target);
    if (target.choices) nextPanel.look(target.token, true);
  }, { signal: attachment("song") });
  lyrics.addEventListener("keydown", onKey);
  Object.assign(songPanel, { song: () => song, show: showEnding, mark: markPlaces, walk });
  rememberOnLeave(STORAGE_KEY, () => song);
  const stored = recall(STORAGE_KEY);
  if (stored?.choices && stored.notes) {
    receive(stored);
    began = -Infinity; // all at once
  }
  watch("value", () => receive(props.value));
  followLanguage(element, "generate", (words) => {
    lyrics.setAttribute("aria-label", words.song);
    lyrics.dataset.empty = words.empty;
    labels = words;
    if (song) showNotes(), showCopied();
    else receive(props.value);
  });
}
