// @ts-check
// Surgery: hold gates, switch units off, zero matrices. The perplexity of the text, and a song beside the undamaged
// one. The server computes each answer from the whole list of operations, so undoing is the list before.

import { number } from "../../frontend/lib/numbers.js";
import { attachment, make, roles } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";
import { drawTable, wordOf } from "./held_table.js";
import { decadesOf, drawNeedle } from "./needle.js";
import { OperatedSongs } from "./operated_songs.js";
import { followWords } from "./states.js";

/** @import { OpenedValue, SurgeryValue, Words } from "../../frontend/types.d.ts" */
/** @import { Strip } from "./strip.js" */

const TENTHS = 10; // of a bit, as `surgery.py` sends how unexpected a character is

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {HTMLElement} */
let element;
/** @type {Strip} */
let strip;
/** @type {(query: Record<string, string>) => Promise<any>} */
let ask;
/** @type {Words} */
let words = {};
/** @type {OpenedValue | null} */
let opened = null;
/** @type {SurgeryValue | null} */
let value = null;
let valueOf = ""; // the key of the text that it is of
/** @type {string[]} the operations in force, as the server reads them: "l0.f=0.5" */
let operations = [];
/** @type {string[][]} those before, for undo */
let history = [];
/** @type {Map<string, number | null>} the perplexity with one gate held; null is infinite */
let measured = new Map();
/** @type {string[]} words of the table that are to be measured */
let waiting = [];
/** @type {OperatedSongs} */
let songs;
let seed = 1;
let isDue = false; // the operations in force are to be measured
let isAsking = false;
let isShown = false;

// --- asking ---

/** Ask for what is due, one after the other: the operations in force first, then the table. */
async function askAll() {
  if (isAsking || !opened) return;
  isAsking = true;
  element.toggleAttribute("data-busy", isDue);
  try {
    while (isDue || waiting.length) {
      const key = opened.key;
      if (isDue) {
        isDue = false;
        const asked = operations;
        const found = await ask({ operations: asked.join(","), prefix: role("prefix").value, seed: `${seed}`, ...(songs.place === null ? {} : { from: `${songs.place}` }) });
        if (found && opened.key === key) receive(found, asked);
      } else {
        const word = waiting[0];
        const found = await ask({ operations: word, bare: "1" });
        if (opened.key !== key) continue;
        waiting.shift();
        if (found) measured.set(word, found.after);
        drawHeld();
      }
    }
  } finally {
    isAsking = false;
    element.removeAttribute("data-busy");
  }
}

/** @param {SurgeryValue} found @param {string[]} asked the operations that it is of */
function receive(found, asked) {
  value = found;
  valueOf = opened.key;
  if (asked.length === 1) measured.set(asked[0], found.after);
  element.removeAttribute("data-busy");
  draw();
}

/** Put other operations in force. @param {string[]} next @param {boolean} [undoing] */
function change(next, undoing = false) {
  if (next.join() === operations.join()) return;
  if (!undoing) history.push(operations);
  operations = next;
  isDue = true;
  drawOperations();
  askAll();
}

// --- drawing ---

function draw() {
  if (!value) return;
  drawOperations();
  const { before, after, blind } = value;
  role("after").textContent = fill(words.perplexity, { value: number(after, 4) });
  role("compare").textContent = fill(words.compare, { before: number(before, 4), blind: number(blind, 4) });
  drawNeedle(role("needle"), value, words);
  role("seed").textContent = fill(words.seed, { seed: value.seed });
  role("prefix").placeholder = value.song.prefix;
  songs.draw(value.song, words, Boolean(opened?.words));
  element.dataset.after = `${after}`; // the browser tests read it
  paint();
}

/** Colour the text: each character as strong as it is unexpected now, from 0 bits to those of a blind guess. */
function paint() {
  if (!isShown || !value || valueOf !== opened.key) return;
  const most = TENTHS * Math.log2(value.blind);
  strip.paint(value.tenths.map((tenths) => (tenths === null ? null : tenths / most)), "sequential");
}

/** The value at which a gate is held, or "free". @param {string} gate */
const heldAt = (gate) => operations.findLast((word) => word.startsWith(`${gate}=`))?.split("=")[1] ?? "free";

function drawHeld() {
  if (!value) return;
  const cells = value.gates.flatMap(({ key }) => value.held.filter((held) => held !== "free").map((held) => wordOf(key, held)));
  const done = cells.filter((word) => measured.has(word)).length;
  role("none").hidden = cells.length > 0;
  for (const name of ["table", "measure", "about-table", "try-gates"]) role(name).hidden = cells.length === 0;
  role("measure").disabled = waiting.length > 0 || done === cells.length;
  role("progress").textContent = waiting.length ? fill(words.progress, { done, total: cells.length }) : "";
  role("scale-end").textContent = number(10 ** decadesOf(value.blind, 1));
  role("scale-end").parentElement.hidden = cells.length === 0;
  if (cells.length) drawTable(role("table"), value, { heldAt, measured: (word) => measured.get(word), words });
}

function drawOperations() {
  if (!value) return;
  drawHeld();
  role("done").replaceChildren(...(operations.length ? operations.map((word) => make("li", "", nameOf(word))) : [make("li", "", words.nothing)]));
  role("undo").disabled = !history.length;
  role("heal").disabled = !operations.length;
  role("layers").hidden = value.layers < 2;
  const layer = role("layer").value || "0";
  role("layer").replaceChildren(...Array.from({ length: value.layers }, (_, i) => Object.assign(make("option", "", i + 1), { value: `${i}` })));
  role("layer").value = layer;
  role("unit").max = `${value.units - 1}`;
  const focused = document.activeElement?.closest?.("[data-matrix]")?.getAttribute("data-matrix");
  role("matrices").replaceChildren(...value.matrices.map(matrixButton));
  if (focused) role("matrices").querySelector(`[data-matrix="${focused}"]`)?.focus();
}

/** @param {string} matrix */
function matrixButton(matrix) {
  const word = matrix === "output" ? matrix : `l${role("layer").value || "0"}.${matrix}`;
  const node = make("button", "", words[`matrix.${matrix}`]);
  node.type = "button";
  node.dataset.matrix = word;
  node.setAttribute("aria-pressed", `${operations.includes(word)}`);
  return node;
}

/** Name an operation in the page's language. @param {string} word */
function nameOf(word) {
  const [, layer = "0", name, given = ""] = /^(?:l(\d+)\.)?([a-z_]+)(?:=(.+))?$/.exec(word) ?? [];
  const place = value.layers > 1 && name !== "output" ? `${fill(words.of_layer, { layer: Number(layer) + 1 })} ` : "";
  if (name === "unit") return place + fill(words["op.unit"], { unit: given });
  if (words[`matrix.${name}`]) return place + words[`matrix.${name}`];
  return place + fill(words["op.gate"], { name: words[`gate.${name}`], held: words[`held.${given}`] ?? given });
}

// --- choosing ---

/** @param {string} cell "l0.f 0.5" */
function hold(cell) {
  const [gate, held] = cell.split(" "), word = wordOf(gate, held);
  change([...operations.filter((other) => !other.startsWith(`${gate}=`)), ...(word ? [word] : [])]);
}

/** @param {string} word */
const toggle = (word) => change(operations.includes(word) ? operations.filter((other) => other !== word) : [...operations, word]);

function switchOff() {
  const unit = role("unit").valueAsNumber, word = `l${role("layer").value || "0"}.unit=${unit}`;
  if (Number.isInteger(unit) && unit >= 0 && unit < value.units && !operations.includes(word)) change([...operations, word]);
}

function measureAll() {
  waiting = value.gates.flatMap(({ key }) => value.held.map((held) => wordOf(key, held))).filter((word) => word && !measured.has(word));
  drawHeld();
  askAll();
}

function writeAgain() {
  isDue = true;
  askAll();
}

function listen() {
  const on = (/** @type {string} */ name, /** @type {string} */ type, /** @type {(event: any) => void} */ then) => role(name).addEventListener(type, then);
  on("table", "click", ({ target }) => { const cell = target.closest("[data-cell]"); if (cell) hold(cell.dataset.cell); });
  on("matrices", "click", ({ target }) => { const node = target.closest("[data-matrix]"); if (node) toggle(node.dataset.matrix); });
  on("layer", "change", drawOperations);
  on("off", "click", switchOff);
  on("unit", "keydown", (event) => { if (event.key === "Enter") switchOff(); });
  on("measure", "click", measureAll);
  on("undo", "click", () => change(history.pop() ?? [], true));
  on("heal", "click", () => change([]));
  on("prefix", "change", writeAgain);
  on("again", "click", () => { seed += 1; writeAgain(); });
}

export const section = {
  name: "surgery",

  /** @param {HTMLElement} root @param {Strip} text @param {(query: Record<string, string>) => Promise<any>} asking */
  attach(root, text, asking) {
    attachment("inside surgery");
    [element, role, strip, ask] = [root, roles(root), text, asking];
    songs = new OperatedSongs(role, writeAgain);
    listen();
    followWords(root, "surgery", (known) => { words = known; draw(); });
  },

  /** @param {OpenedValue} now */
  draw(now) {
    const isAlike = opened?.cell === now.cell && opened.layers === now.layers && opened.hidden === now.hidden;
    if (!isAlike) [operations, history] = [[], []];
    [opened, measured, waiting, isDue] = [now, new Map(), [], true];
    askAll();
  },

  show() {
    isShown = true;
    paint();
  },

  hide() {
    isShown = false;
  },
};
