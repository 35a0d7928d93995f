// The song panel. `props.value` is null or {prefix, notes: {en, zh, …}, choices: [[character, probability, [[rival, p], …]], …]}.
// Characters are revealed at the pace of reading; everything that a model or a person wrote is set as textContent.
// A letter is one node with its marks: `node.choices` are the choices of its characters, `node.choice` the first of them.
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [lyrics, notes, rivals] = ["lyrics", "notes", "rivals"].map(role);
const PER_SECOND = 60, LONG = 48; // characters a second, and in a line that is too long for a column
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let text = lyrics; // the columns, inside of what scrolls: columns of a fixed height would run away sideways
let song = null, shown = 0, line = null, last = null, here = -1, began = 0;

const percent = (p) => new Intl.NumberFormat(rnnlab.language(), { style: "percent", maximumFractionDigits: p < 0.1 ? 1 : 0 }).format(p);
const { visible } = rnnlab;
const characters = () => lyrics.querySelectorAll(".character");

function speak(words) { // the panel's own words, in the page's language
  lyrics.setAttribute("aria-label", words.song);
  lyrics.dataset.empty = words.empty;
  if (!song) showEmpty();
}
function showEmpty() {
  const hint = document.createElement("p");
  hint.className = "empty";
  hint.textContent = lyrics.dataset.empty ?? "";
  lyrics.replaceChildren(hint);
}

// A line's end is a node in its line, which the line's box makes visible: text that is copied has it once.
function put(character, className, choice) {
  if (last && rnnlab.joins(last.textContent, character)) {
    last.textContent += character;
    return colour(last, choice);
  }
  if (!line) text.append(line = rnnlab.line());
  last = document.createElement("span");
  last.textContent = character;
  last.className = className;
  colour(last, choice);
  line.append(last);
  line.dir = rnnlab.direction(line.textContent) ? "auto" : text.dir; // a line of numbers stands with the others
  if (character !== "\n") return;
  last.classList.add("end");
  if (line.firstChild === last) last.classList.add("blank"); // the line has nothing else that gives it its height
  line = null;
}
function colour(node, choice) {
  if (!choice) return;
  node.choices = [...(node.choices ?? []), choice];
  node.choice = node.choices[0];
  node.classList.add("character");
  node.style.setProperty("--sure", sure(node).toFixed(3));
}
const sure = (node) => node.choices.reduce((product, [, p]) => product * p, 1);

function restart() {
  text = document.createElement("div");
  text.className = "text";
  lyrics.replaceChildren(text);
  lyrics.lang = rnnlab.languageOf(written());
  layOut();
  line = last = null;
  shown = 0;
  here = -1;
  rivals.hidden = true;
  for (const character of song.prefix) put(character, "given", null);
  began = performance.now();
}
const written = () => song.prefix + song.choices.map(([character]) => character).join("");
// Columns are for short lines: nobody reads up and down again over three screens, and long lines would be broken.
function layOut() {
  text.dir = rnnlab.direction(written()) || "ltr"; // where the first column is
  const longest = Math.max(...written().split("\n").map((line) => [...line].length));
  text.classList.toggle("long", song.choices.length > 400 || longest > LONG * (lyrics.lang ? 0.5 : 1));
}

function reveal() {
  if (!song) return;
  const due = still ? Infinity : ((performance.now() - began) / 1000) * PER_SECOND;
  for (; shown < Math.min(due, song.choices.length); shown++) put(song.choices[shown][0], "character", song.choices[shown]);
  lyrics.dataset.shown = shown;
  if (shown < song.choices.length) requestAnimationFrame(reveal);
}

function receive(value) {
  const goesOn = song && value && value.choices.length >= song.choices.length && value.prefix === song.prefix
    && song.choices.every((choice, i) => choice[0] === value.choices[i][0]) && song.choices.length < value.choices.length;
  song = value;
  if (!song) return showEmpty();
  showNotes();
  if (!goesOn) restart();
  else layOut();
  requestAnimationFrame(reveal);
}

function showNotes() {
  notes.textContent = song ? song.notes[rnnlab.languageKey()].join(" ") : "";
}

function explain(node) {
  const shown = node.choices.length > 1 ? 2 : 4; // rivals of each character, if it is not among them
  rivals.replaceChildren(...node.choices.flatMap(([character, probability, others]) => {
    const all = others.some(([other]) => other === character) ? others : [...others.slice(0, 4), [character, probability]];
    const rows = all.filter(([other], i) => i <= shown || other === character);
    return rows.map(([other, p]) => row(other, p, other === character));
  }));
  rivals.hidden = false;
  const box = node.getBoundingClientRect(), own = rivals.getBoundingClientRect();
  rivals.style.left = `${Math.max(8, Math.min(innerWidth - own.width - 8, box.left))}px`;
  rivals.style.top = `${box.bottom + own.height + 12 > innerHeight ? box.top - own.height - 8 : box.bottom + 8}px`;
}
function row(character, p, taken) {
  const node = document.createElement("div");
  node.className = taken ? "rival taken" : "rival";
  const [glyph, cell, value] = ["span", "span", "span"].map((name) => document.createElement(name));
  const bar = document.createElement("div");
  bar.className = "bar";
  bar.style.width = `${Math.max(1, p * 90)}px`;
  glyph.textContent = visible(character);
  cell.append(bar);
  value.textContent = percent(p);
  node.append(glyph, cell, value);
  return node;
}
function hide() { rivals.hidden = true; lyrics.querySelector(".here")?.classList.remove("here"); }

lyrics.addEventListener("pointerover", (event) => (event.target.choices ? explain(event.target) : hide()));
lyrics.addEventListener("pointerleave", (event) => event.pointerType === "touch" || hide()); // a lifted finger leaves, too
lyrics.addEventListener("blur", hide);
lyrics.addEventListener("keydown", (event) => {
  const all = characters();
  const key = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!key || !all.length) return;
  event.preventDefault();
  const step = rnnlab.isRightToLeft(all[Math.max(0, here)]) ? -key : key;
  here = Math.min(all.length - 1, Math.max(0, here + step));
  hide();
  all[here].classList.add("here");
  all[here].scrollIntoView({ block: "nearest" });
  explain(all[here]);
  notes.textContent = `\u2068${visible(all[here].textContent)}\u2069 ${percent(sure(all[here]))}`;
});

// The song stays over a reload: the browser's tab keeps it.
const KEPT = "rnnlab_song";
function recall() {
  try { return JSON.parse(sessionStorage.getItem(KEPT)); } catch { return null; } // not ours
}
addEventListener("pagehide", () => {
  try { if (song) sessionStorage.setItem(KEPT, JSON.stringify(song)); } catch { sessionStorage.removeItem(KEPT); } // it is full
});
const before = recall();
if (before?.choices && before.notes) {
  receive(before);
  began = -Infinity; // all at once
}
watch("value", () => receive(props.value));
rnnlab.speak(element, "generate", (words) => { speak(words); if (song) showNotes(); else receive(props.value); });
