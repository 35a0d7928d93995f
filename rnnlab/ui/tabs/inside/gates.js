// @ts-check
// Gates: the means over the units along the text, all units of one gate × time, how saturated each is, and the cell
// opened at the character under the cursor.

import { decimal, percent } from "../../frontend/lib/numbers.js";
import { attachment, make, roles } from "../../frontend/lib/page.js";
import { fill, visible } from "../../frontend/lib/text.js";
import { CellView } from "./cell_view.js";
import { drawLines, drawSaturation } from "./gate_plot.js";
import { followWords } from "./states.js";
import { UnitMap, bytesOf } from "./unit_map.js";

/** @import { CellLine, GateLine, GatesValue, OpenedValue, Words } from "../../frontend/types.d.ts" */
/** @import { Strip } from "./strip.js" */

const FULL = 255; // a gate of 1, as `gates.py` sends it
const SETTLED = 60; // milliseconds that the cursor rests before its cell is asked for

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Strip} */
let strip;
/** @type {(query: Record<string, string>) => Promise<any>} */
let ask;
/** @type {Words} */
let words = {};
/** @type {UnitMap} */
let map;
/** @type {CellView} */
let cell;
/** @type {OpenedValue | null} */
let opened = null;
/** @type {GatesValue | null} */
let value = null;
let valueOf = ""; // the key of the text that it is of
/** @type {CellLine[]} */
let lines = [];
let numbers = new Uint8Array();
let unit = 0;
let layer = 0;
let isShown = false;
let isAsking = false; // a question at a time: the page drops the answer of the older one of two
let wantsGate = "";
let wantsCell = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

const columns = () => strip.pieces.length;
const gatesOfLayer = () => value?.gates.filter((gate) => gate.layer === layer) ?? [];
const chosenGate = () => value?.gates.find(({ key }) => key === value.chosen?.key);
const rowOf = (/** @type {number} */ wanted) => value?.chosen?.order.indexOf(wanted) ?? -1;

// --- asking ---

/** Ask for what is wanted, one after the other: the gates first, then the cell under the cursor. */
async function askAll() {
  if (isAsking || !opened) return;
  isAsking = true;
  try {
    while (wantsGate || wantsCell) {
      const key = opened.key;
      if (wantsGate) {
        const gate = wantsGate === "any" ? "" : wantsGate;
        wantsGate = "";
        const found = await ask({ gate });
        if (found && opened.key === key) receive(found);
      } else {
        wantsCell = false;
        const query = { place: `${Math.max(0, strip.cursor)}`, layer: `${layer}`, unit: `${unit}` };
        const found = await ask(query);
        if (found && opened.key === key) receiveCell(found);
      }
    }
  } finally {
    isAsking = false;
  }
}

/** @param {GatesValue} found */
function receive(found) {
  [value, valueOf] = [found, opened.key];
  numbers = bytesOf(found.chosen?.values ?? "");
  layer = chosenGate()?.layer ?? layer;
  draw();
}

/** @param {{ lines: CellLine[], place: number, layer: number, unit: number }} found */
function receiveCell({ lines: found, place, ...of }) {
  lines = found;
  cell.show(lines, words, of.layer ? "" : visible(strip.pieces[place] ?? ""));
  role("title").textContent = fill(words.cell_at, { piece: visible(strip.pieces[place] ?? ""), place: place + 1, unit: of.unit, layer: of.layer + 1 });
  role("cell").dataset.at = `${place} ${of.layer} ${of.unit}`; // the browser tests read it
}

// --- drawing ---

function draw() {
  if (!value || !opened) return;
  const has = value.gates.length > 0;
  role("none").hidden = has;
  for (const name of ["view", "choice", "scale", "reading", "try"]) role(name).hidden = !has;
  role("layers").hidden = opened.layers < 2;
  role("layer").replaceChildren(...Array.from({ length: opened.layers }, (_, i) => Object.assign(make("option", "", i + 1), { value: `${i}` })));
  role("layer").value = `${layer}`;
  Object.assign(role("unit"), { max: `${opened.hidden - 1}`, value: `${unit}` });
  if (!has && isShown) strip.clear(); // of the colours of a network with gates
  if (!has) return;
  drawChoice();
  drawLines(role("lines"), gatesOfLayer(), value.chosen.key);
  map.draw(opened.hidden, columns(), (row, column) => (2 * numbers[row * columns() + column]) / FULL - 1);
  drawUnit();
}

function drawChoice() {
  const chosen = value.chosen.key, focused = role("choice").contains(document.activeElement);
  role("choice").replaceChildren(...gatesOfLayer().map((gate) => choiceOf(gate, gate.key === chosen)));
  if (focused) role("choice").querySelector("[aria-checked=true]")?.focus();
}

/** @param {GateLine} gate @param {boolean} isChosen */
function choiceOf(gate, isChosen) {
  const shares = fill(words.shares, { low: percent(gate.low), high: percent(gate.high) });
  const mean = fill(words.mean, { mean: decimal(gate.mean) });
  const node = make("button", "", make("b", "", fill(words[`gate.${gate.letter}`], {})), make("span", "", mean), make("small", "", shares));
  Object.assign(node, { type: "button", tabIndex: isChosen ? 0 : -1 });
  node.dataset.gate = gate.key;
  node.setAttribute("role", "radio");
  node.setAttribute("aria-checked", `${isChosen}`);
  node.style.setProperty("--colour", `var(--gate-${gate.letter})`);
  return node;
}

/** Draw what depends on the chosen unit. */
function drawUnit() {
  const gate = chosenGate();
  if (!gate) return;
  drawSaturation(role("scatter"), value.chosen, gate.letter, unit, words);
  role("rows").textContent = fill(words.rows, { n: opened.hidden, name: words[`gate.${gate.letter}`] });
  role("canvas").setAttribute("aria-label", fill(words.map, { name: words[`gate.${gate.letter}`], unit }));
  paint();
}

/** Colour the text by the unit's gate. */
function paint() {
  const row = rowOf(unit);
  if (!isShown || row < 0 || valueOf !== opened.key) return;
  strip.paint(Array.from({ length: columns() }, (_, column) => (2 * numbers[row * columns() + column]) / FULL - 1));
  mark();
}

function mark() {
  map.mark(rowOf(unit), strip.cursor);
  const node = role("plot-mark");
  node.hidden = strip.cursor < 0;
  node.style.left = `${(100 * strip.cursor) / columns()}%`;
  node.style.width = `${100 / columns()}%`;
}

// --- choosing ---

/** @param {number} wanted */
function chooseUnit(wanted) {
  if (!opened || !Number.isInteger(wanted)) return;
  unit = Math.max(0, Math.min(opened.hidden - 1, wanted));
  role("unit").value = `${unit}`;
  drawUnit();
  openCell();
}

function openCell() {
  clearTimeout(timer);
  if (!isShown) return;
  timer = setTimeout(() => { wantsCell = true; askAll(); }, SETTLED);
}

/** @param {string | undefined} key */
function chooseGate(key) {
  if (!key || key === value?.chosen?.key) return;
  wantsGate = key;
  askAll();
}

/** @param {KeyboardEvent} event */
function onChoiceKey(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key], all = gatesOfLayer();
  if (!step || !all.length) return;
  event.preventDefault();
  event.stopPropagation();
  chooseGate(all[(all.findIndex(({ key }) => key === value.chosen.key) + step + all.length) % all.length].key);
}

/** @param {PointerEvent} event */
function onPlot(event) {
  const box = role("plot").getBoundingClientRect();
  strip.go(Math.floor(((event.clientX - box.left) / box.width) * columns()));
}

function listen() {
  const on = (/** @type {string} */ name, /** @type {string} */ type, /** @type {(event: any) => void} */ then) => role(name).addEventListener(type, then);
  on("choice", "click", ({ target }) => chooseGate(target.closest("button")?.dataset.gate));
  on("choice", "keydown", onChoiceKey);
  on("plot", "pointerdown", onPlot);
  on("scatter", "click", ({ target }) => target.dataset.unit && chooseUnit(Number(target.dataset.unit)));
  on("unit", "input", () => chooseUnit(role("unit").valueAsNumber));
  on("layer", "change", () => {
    layer = Number(role("layer").value);
    const letter = chosenGate()?.letter;
    chooseGate(gatesOfLayer().find((gate) => gate.letter === letter)?.key);
    openCell();
  });
}

export const section = {
  name: "gates",

  /** @param {HTMLElement} root @param {Strip} text @param {(query: Record<string, string>) => Promise<any>} asking */
  attach(root, text, asking) {
    const signal = attachment("inside gates");
    [role, strip, ask] = [roles(root), text, asking];
    cell = new CellView(role("cell"), role("diagram"));
    map = new UnitMap(role("map"), (row, column) => { strip.go(column); chooseUnit(value.chosen.order[row]); });
    listen();
    strip.listen({ cursor: () => { if (isShown) { mark(); openCell(); } } });
    document.addEventListener("rnnlab:theme", draw, { signal });
    followWords(root, "gates", (known) => {
      words = known;
      draw();
      if (lines.length) openCell();
    });
  },

  draw(/** @type {OpenedValue} */ now) {
    const isAlike = opened?.cell === now.cell && opened.layers === now.layers;
    opened = now;
    [unit, layer] = [Math.min(unit, now.hidden - 1), Math.min(layer, now.layers - 1)];
    wantsGate = (isAlike && value?.chosen?.key) || "any";
    wantsCell = true;
    askAll();
  },

  show() {
    isShown = true;
    paint();
    if (opened && !wantsCell) openCell();
  },

  hide: () => { isShown = false; },
};
