// @ts-check
// The row that the networks are asked: a bar for each number, two of them marked, which one can move and change; and the
// answers, each as a dot on a line from 0 to 2 beside the sum.

import { answerOf } from "../../frontend/lib/answer.js";
import { decimal } from "../../frontend/lib/numbers.js";
import { language, make } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { AskedRow, Words } from "../../frontend/types.d.ts" */

const LARGEST = 2; // the largest sum, and the end of the line of answers
const NEAR = 0.07; // of the row's width: the labels of marks that are closer stand on both sides
const MAX_WRITTEN = 12; // numbers of a row that are written into their bars
const EDGE = 0.03; // of the row's width, at its ends
const FIRST_NUMBERS = [0.9, 0.8]; // their sum is far from the 1 that a network without a memory answers
const MARKS = /** @type {const} */ (["first", "second"]);

/**
 * @typedef {object} Parts the panel's elements
 * @property {HTMLInputElement[]} numbers
 * @property {HTMLInputElement[]} places
 * @property {HTMLElement} row
 * @property {HTMLElement} answers
 * @property {HTMLElement} problem
 * @property {HTMLElement} draw
 */

/**
 * Make the question. `ask(reference)` asks the networks of a run, `anew()` forgets places that a row of another length
 * may not have.
 * @param {Parts} parts
 * @param {() => { words: Words, colors: Record<string, string> }} look the words of the page's language, the networks' colours
 */
export function makeQuestion(parts, look) {
  let seed = 1;
  /** @type {{ numbers: number[] | null, places: number[] | null }} */
  const chosen = { numbers: FIRST_NUMBERS, places: null };
  let reference = "", busy = false, again = false;
  /** @type {AskedRow | null} */
  let asked = null;

  async function send() {
    if (busy) { again = true; return; }
    busy = true;
    const query = new URLSearchParams({ seed: String(seed), lang: language() });
    if (chosen.numbers) query.set("ask_numbers", chosen.numbers.join(","));
    if (chosen.places) query.set("ask_places", chosen.places.join(","));
    const from = reference, { status, body } = await answerOf(`lab/${from}/asked?${query}`);
    busy = false;
    if (from === reference && !again) receive(status, body); // else it is of a row of before
    if (again) { again = false; await send(); }
  }

  /** @param {number} status @param {any} body */
  function receive(status, body) {
    const { words } = look();
    const problem = status === 200 ? "" : body?.message ?? words[status === 404 ? "ask_none" : "ask_lost"];
    if (parts.problem.textContent !== problem) parts.problem.textContent = problem;
    parts.problem.hidden = !problem;
    if (status === 200) { asked = body; show(); }
  }

  function show() {
    if (!asked) return;
    const { words, colors } = look();
    const values = asked.places.map((place) => asked.numbers[place - 1]);
    parts.numbers.forEach((input, i) => { if (input !== document.activeElement) input.value = decimal(values[i], 2); });
    parts.places.forEach((input, i) => {
      input.max = String(asked.numbers.length);
      if (input !== document.activeElement) input.value = String(asked.places[i]);
    });
    showRow(parts.row, asked, words);
    showAnswers(parts.answers, asked, words, colors);
  }

  function choose() {
    const numbers = parts.numbers.map(({ value }) => value), places = parts.places.map(({ value }) => value);
    if ([...numbers, ...places].some((value) => value === "")) return; // somebody is typing
    Object.assign(chosen, { numbers: numbers.map(Number), places: places.map(Number) });
    send();
  }
  for (const input of [...parts.numbers, ...parts.places]) input.addEventListener("input", choose);
  parts.draw.addEventListener("click", () => {
    seed += 1;
    Object.assign(chosen, { numbers: null, places: null });
    send();
  });
  movable(parts.row, () => asked, (places) => {
    chosen.numbers ??= asked.places.map((place) => asked.numbers[place - 1]);
    chosen.places = places;
    parts.places.forEach((input, i) => { input.value = String(places[i]); });
    showRow(parts.row, asked, look().words);
    send();
  });

  return {
    /** @param {string} whose */
    ask: (whose) => { reference = whose; return send(); },
    anew: () => { chosen.places = null; },
    show,
  };
}

/**
 * Let a pointer move the nearer mark of a row to the bar under it.
 * @param {HTMLElement} row
 * @param {() => AskedRow | null} asked
 * @param {(places: number[]) => void} move
 */
function movable(row, asked, move) {
  /** @type {number | null} which of the two marks is held */
  let held = null;
  /** @param {PointerEvent} event */
  const placeOf = (event) => {
    const box = row.getBoundingClientRect(), length = asked().numbers.length;
    return Math.min(length, Math.max(1, Math.ceil((length * (event.clientX - box.left)) / box.width)));
  };
  /** @param {PointerEvent} event */
  const follow = (event) => {
    const place = placeOf(event), places = asked().places.slice();
    if (held === null || places.includes(place)) return;
    places[held] = place;
    if (places[0] > places[1]) held = 1 - held; // the marks have passed each other
    asked().places = places.slice().sort((a, b) => a - b); // at once; the answer brings the same
    move(asked().places);
  };
  row.addEventListener("pointerdown", (event) => {
    if (!asked()) return;
    const place = placeOf(event), [one, other] = asked().places.map((at) => Math.abs(at - place));
    held = one <= other ? 0 : 1;
    row.setPointerCapture(event.pointerId);
    follow(event);
  });
  row.addEventListener("pointermove", (event) => { if (held !== null) follow(event); });
  for (const end of ["pointerup", "pointercancel"]) row.addEventListener(end, () => { held = null; });
}

/** @param {HTMLElement} row @param {AskedRow} asked @param {Words} words */
function showRow(row, { numbers, places }, words) {
  const isNear = places[1] - places[0] < NEAR * numbers.length;
  row.replaceChildren(...numbers.map((number, i) => {
    const bar = make("i"), mark = places.indexOf(i + 1);
    bar.style.setProperty("--number", String(number));
    if (mark >= 0) {
      const label = make("b", "", decimal(number, 2));
      label.toggleAttribute("data-near", isNear);
      bar.dataset.marked = MARKS[mark];
      if (i < EDGE * numbers.length) bar.dataset.edge = "left";
      if (i + 1 > (1 - EDGE) * numbers.length) bar.dataset.edge = "right";
      bar.append(label);
    } else if (numbers.length <= MAX_WRITTEN) bar.append(make("small", "", decimal(number, 2)));
    return bar;
  }));
  const [first, second] = places.map((place) => decimal(numbers[place - 1], 2));
  row.setAttribute("aria-label", fill(words.row, { n: numbers.length, first, p: places[0], second, q: places[1] }));
}

/** @param {HTMLElement} table @param {AskedRow} asked @param {Words} words @param {Record<string, string>} colors */
function showAnswers(table, { models, answers, truth }, words, colors) {
  /** @param {string} name @param {number | null} answer @param {string} color @param {string} [kind] */
  const line = (name, answer, color, kind = "") => {
    const dot = make("i"), track = make("span", "", dot, make("b")), swatch = make("i");
    dot.hidden = kind === "truth";
    track.style.setProperty("--at", String(Math.min(1, Math.max(0, (answer ?? LARGEST) / LARGEST))));
    track.style.setProperty("--truth", String(truth / LARGEST));
    const head = Object.assign(make("th", "", ...(color || kind === "truth" ? [swatch] : []), name), { scope: "row" });
    const cell = make("td", "track", track);
    cell.setAttribute("aria-hidden", "true");
    const off = kind === "truth" ? "" : fill(words.off, { n: decimal(Math.abs((answer ?? Infinity) - truth), 2) });
    const row = make("tr", kind, head, cell, make("td", "", decimal(answer, 2)), make("td", "off", off));
    row.style.setProperty("--network", color || "#8a8a8a");
    return row;
  };
  table.replaceChildren(make(
    "tbody", "",
    line(words.truth, truth, "", "truth"),
    ...models.map((model, i) => line(words[`figure.model.${model}`] ?? model, answers[i], colors[model] ?? "")),
    line(words.constant, 1, "", "constant"),
  ));
}
