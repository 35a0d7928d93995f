// The song panel. `props.value` is null or {prefix, notes: {en, zh}, choices: [[character, probability, [[rival, p], …]], …]}.
// Characters are revealed at the pace of reading; everything that a model or a person wrote is set as textContent.
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [lyrics, notes, rivals] = ["lyrics", "notes", "rivals"].map(role);
const PER_SECOND = 60;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let text = lyrics; // the columns, inside of what scrolls: columns of a fixed height would run away sideways
let song = null, shown = 0, chinese = true, line = null, here = -1, began = 0;

const percent = (p) => new Intl.NumberFormat(rnnlab.language(), { style: "percent", maximumFractionDigits: p < 0.1 ? 1 : 0 }).format(p);
const visible = (character) => (character === " " ? "␣" : character);
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

function put(character, className, choice, next = "") {
  // English lines begin with a capital: a space before one becomes the line's end ("I" alone does not count).
  const ends = chinese ? character === " " : character === " " && /^\p{Lu}[\p{L}'’]/u.test(next);
  if (!line || ends) {
    line = document.createElement("span");
    line.className = "line";
    text.append(line);
    if (character === " " && !choice) return;
  }
  const node = document.createElement("span");
  node.textContent = character;
  node.className = className;
  if (choice) {
    node.style.setProperty("--sure", choice[1].toFixed(3));
    node.choice = choice;
  }
  line.append(node);
}

function restart() {
  text = document.createElement("div");
  text.className = song.choices.length > 400 ? "text long" : "text"; // nobody reads up and down again over three screens
  lyrics.replaceChildren(text);
  lyrics.lang = (chinese = /\p{Script=Han}/u.test(song.prefix + song.choices.slice(0, 40).map((c) => c[0]).join(""))) ? "zh-CN" : "en";
  line = null;
  shown = 0;
  here = -1;
  rivals.hidden = true;
  [...song.prefix].forEach((character, i, all) => put(character, "given", null, all.slice(i + 1, i + 3).join("")));
  began = performance.now();
}

function reveal() {
  if (!song) return;
  const due = still ? Infinity : ((performance.now() - began) / 1000) * PER_SECOND;
  for (; shown < Math.min(due, song.choices.length); shown++) put(song.choices[shown][0], "character", song.choices[shown], song.choices.slice(shown + 1, shown + 3).map((c) => c[0]).join(""));
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
  requestAnimationFrame(reveal);
}

function showNotes() {
  notes.textContent = song ? song.notes[rnnlab.language().slice(0, 2)].join(" ") : "";
}

function explain(node) {
  const [character, probability, others] = node.choice;
  const rows = others.some(([other]) => other === character) ? others : [...others.slice(0, 4), [character, probability]];
  rivals.replaceChildren(...rows.map(([other, p]) => {
    const row = document.createElement("div");
    row.className = other === character ? "rival taken" : "rival";
    const [glyph, cell, value] = ["span", "span", "span"].map((name) => document.createElement(name));
    const bar = document.createElement("div");
    bar.className = "bar";
    bar.style.width = `${Math.max(1, p * 90)}px`;
    glyph.textContent = visible(other);
    cell.append(bar);
    value.textContent = percent(p);
    row.append(glyph, cell, value);
    return row;
  }));
  rivals.hidden = false;
  const box = node.getBoundingClientRect(), own = rivals.getBoundingClientRect();
  rivals.style.left = `${Math.max(8, Math.min(innerWidth - own.width - 8, box.left))}px`;
  rivals.style.top = `${box.bottom + own.height + 12 > innerHeight ? box.top - own.height - 8 : box.bottom + 8}px`;
}
function hide() { rivals.hidden = true; lyrics.querySelector(".here")?.classList.remove("here"); }

lyrics.addEventListener("pointerover", (event) => (event.target.choice ? explain(event.target) : hide()));
lyrics.addEventListener("pointerleave", (event) => event.pointerType === "touch" || hide()); // a lifted finger leaves, too
lyrics.addEventListener("blur", hide);
lyrics.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const all = characters();
  if (!step || !all.length) return;
  event.preventDefault();
  here = Math.min(all.length - 1, Math.max(0, here + step));
  hide();
  all[here].classList.add("here");
  all[here].scrollIntoView({ block: "nearest" });
  explain(all[here]);
  notes.textContent = `${visible(all[here].choice[0])} ${percent(all[here].choice[1])}`;
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
