// @ts-check
// Why did this weight move? One number of a weight, its gradient as a sum over the steps of the word, and the update.
// The derivatives come from Python (`inspection/weight_gradient.py`); their products are multiplied out here.

import { heatmap } from "../../frontend/lib/heatmap.js";
import { number } from "../../frontend/lib/numbers.js";
import { make, queryAll } from "../../frontend/lib/page.js";
import { fill, visible } from "../../frontend/lib/text.js";
import { formula } from "../../frontend/lib/formula.js";
import { blockOf, equationOf, nameOf, unitsOf, vocabularyOf } from "./moment.js";
import { termsOf, updateOf } from "./update.js";

/** @import { CellEquation } from "../../frontend/types.d.ts" */
/** @import { Moment } from "./moment.js" */
/** @import { Weight } from "./update.js" */

/** @param {number} value a number with its sign, for a sum */
const plus = (value) => `${value > 0 ? "+" : ""}${number(value)}`;
/** @param {number} value a number that is added to another */
const added = (value) => `${value < 0 ? "−" : "+"} ${number(Math.abs(value))}`;

/** @param {Moment} moment @returns {CellEquation[]} those with weights of their own */
const withWeights = ({ started }) => started.equations.filter(({ block, letter }) => block >= 0 || letter === "s");

/** @param {Moment} moment @param {string} letter @returns {[string, number[] | number[][]][]} the weights of an equation, by symbol */
function weightsOf(moment, letter) {
  const { row } = moment;
  if (letter === "s") return [["W_out", row.weight_out], ["b_out", row.bias_out]];
  const { block } = equationOf(moment, letter);
  return [
    [`W_i${letter}`, blockOf(moment, row.weight_ih, block)], [`W_h${letter}`, blockOf(moment, row.weight_hh, block)],
    [`b_i${letter}`, blockOf(moment, row.bias_ih, block)], [`b_h${letter}`, blockOf(moment, row.bias_hh, block)],
  ];
}

/** @param {Moment} moment @param {Weight} weight @returns {string} W_hh[l, o] */
export function nameOfWeight(moment, { letter, symbol, index: [i, j] }) {
  const rows = letter === "s" ? vocabularyOf(moment) : unitsOf(moment), columns = symbol.startsWith("W_i") ? vocabularyOf(moment) : unitsOf(moment);
  return `${symbol}[${[rows[i], ...(j === undefined ? [] : [columns[j]])].join(", ")}]`;
}

/** @param {Moment} moment @param {Weight} chosen */
function drawTables(moment, chosen) {
  const units = unitsOf(moment), letters = vocabularyOf(moment), rows = chosen.letter === "s" ? letters : units;
  return weightsOf(moment, chosen.letter).map(([symbol, values]) => {
    const isMatrix = Array.isArray(values[0]), columns = isMatrix ? (symbol.startsWith("W_i") ? letters : units) : ["\u00a0"];
    const table = heatmap({ values, limit: moment.limit, rows: isMatrix ? rows : undefined, columns });
    table.dataset.symbol = symbol;
    table.setAttribute("aria-label", symbol);
    table.caption.replaceChildren(...formula(symbol));
    for (const cell of queryAll(table, "tbody td")) {
      const place = { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
      const index = isMatrix ? [place.row, place.column] : [place.row];
      const isChosen = symbol === chosen.symbol && index.every((k, at) => k === chosen.index[at]);
      cell.classList.toggle("lit", isChosen);
      cell.tabIndex = isChosen ? 0 : -1;
      cell.setAttribute("role", "button");
      cell.setAttribute("aria-pressed", String(isChosen));
      cell.setAttribute("aria-label", `${nameOfWeight(moment, { ...chosen, symbol, index })} ${cell.textContent}`);
    }
    return table;
  });
}

/** @param {Moment} moment @param {Weight} weight */
function drawTerms(moment, weight) {
  const { words, row, t } = moment, terms = termsOf(moment, weight), source = [...moment.config.source];
  const isScaled = terms.some(({ times }) => times !== 1), { activation } = equationOf(moment, weight.letter);
  const largest = Math.max(...terms.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const slope = activation ? `× ${activation}′` : "", by = byName(moment, weight);
  const heads = [words["why.step"], words["why.own"], words["why.later"], ...(slope ? [slope] : []), ...(isScaled ? ["× r_t"] : []), `× ${by}`, words["why.term"]];
  const table = make("table", "terms");
  table.createCaption().textContent = fill(words["why.table"], { weight: nameOfWeight(moment, weight), epoch: row.epoch });
  table.createTHead().insertRow().append(...heads.map((head) => Object.assign(make("th", "", ...formula(head)), { scope: "col" })));
  const body = table.createTBody();
  terms.forEach((term, k) => {
    const line = body.insertRow();
    line.classList.toggle("here", k === t);
    const cells = [`( ${number(term.own)}`, `${added(term.later)} )`, ...(slope ? [number(term.slope)] : []), ...(isScaled ? [number(term.times)] : []), number(term.by)];
    line.append(Object.assign(make("th", "", `${k + 1} `, make("small", "", visible(source[k]))), { scope: "row" }), ...cells.map((text) => make("td", "", text)));
    const bar = make("i", term.value < 0 ? "negative" : "");
    bar.style.setProperty("--share", String(Math.abs(term.value) / largest));
    const value = make("td", "term", make("data", "", plus(term.value)), bar);
    /** @type {HTMLDataElement} */ (value.firstChild).value = String(term.value);
    line.append(value);
  });
  const foot = table.createTFoot().insertRow(), gradient = terms.reduce((sum, { value }) => sum + value, 0);
  const label = Object.assign(make("th", "", words["why.gradient"]), { scope: "row", colSpan: heads.length - 1 });
  const total = make("data", "gradient", plus(gradient));
  /** @type {HTMLDataElement} */ (total).value = String(gradient);
  foot.append(label, make("td", "term", total));
  return table;
}

/** @param {HTMLTableElement} table @returns {HTMLElement} a box that scrolls on a phone, also by the keyboard */
function scrolling(table) {
  const box = Object.assign(make("div", "scroll", table), { tabIndex: 0 });
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", table.caption.textContent);
  return box;
}

/** @param {Moment} moment @param {Weight} weight @returns {string} what the weight multiplies */
function byName(moment, { symbol, letter, index: [, j] }) {
  if (j === undefined) return "1";
  const { by } = equationOf(moment, letter);
  return symbol.startsWith("W_i") ? `x_t[${vocabularyOf(moment)[j]}]` : by.includes(" ") ? `(${by})[${unitsOf(moment)[j]}]` : `${by}[${unitsOf(moment)[j]}]`;
}

/** @param {Moment} moment @param {Weight} weight */
function drawUpdate(moment, weight) {
  const { words, config, row } = moment, { value, gradient, sgd, m, v, mHat, vHat, step } = updateOf(moment, weight);
  const rate = number(Number(config.learning_rate)), line = (/** @type {string} */ kind, /** @type {(Node | string)[]} */ ...nodes) => make("p", kind, ...nodes);
  const name = nameOfWeight(moment, weight), facts = { rate, gradient: plus(gradient), sgd: plus(sgd) };
  const lines = [line("", fill(words[config.optimizer === "sgd" ? "why.sgd" : "why.if_sgd"], facts))];
  if (m !== null) lines.push(line("", fill(words["why.adam"], { rate, m: number(m), v: number(v), m_hat: number(mHat), v_hat: number(vHat), step: plus(step) })));
  if (step === null) lines.push(line("", words["why.none"]));
  else lines.push(line("moved", ...formula(name), `: ${number(value, 4)} ${added(step)} = `, Object.assign(make("data", "after", number(value + step, 4)), { value: String(value + step) })));
  if (row.kind === "finished") lines[0].hidden = true;
  return lines;
}

/** @param {Moment} moment @param {string} chosen @returns {HTMLElement[]} a button per quantity with weights, if there are several */
function drawLetters(moment, chosen) {
  const choices = withWeights(moment);
  if (choices.length < 2) return [];
  return [make("div", "letters", ...choices.map(({ letter }) => {
    const button = Object.assign(make("button", "", letter), { type: "button", title: nameOf(moment, letter) });
    button.setAttribute("aria-pressed", String(letter === chosen));
    button.dataset.block = letter;
    return button;
  }))];
}

/**
 * Find the cell beside another; over the left or right edge it is in the table beside.
 * @param {HTMLElement[]} tables
 * @param {HTMLElement} cell
 * @param {number} down
 * @param {number} right
 * @returns {HTMLElement | null}
 */
function cellBeside(tables, cell, down, right) {
  const table = cell.closest("table"), { row, column } = cell.dataset;
  const columns = table.tBodies[0].rows[0].querySelectorAll("td").length, wanted = Number(column) + right;
  const other = tables[tables.indexOf(table) + (wanted < 0 ? -1 : wanted >= columns ? 1 : 0)];
  const last = /** @type {HTMLElement | null} */ (other?.querySelector("tr:last-child td:last-child"));
  if (!last) return null;
  const place = { row: Math.max(0, Math.min(Number(last.dataset.row), Number(row) + down)), column: other === table ? wanted : wanted < 0 ? Number(last.dataset.column) : 0 };
  return other.querySelector(`td[data-row="${place.row}"][data-column="${place.column}"]`);
}

const ARROWS = /** @type {Record<string, number[]>} */ ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] });

/**
 * @param {HTMLElement} host
 */
export function whyView(host) {
  /** @type {Moment | null} */
  let now = null;
  /** @type {Weight} */
  let chosen = null;

  /** @param {Moment} moment @returns {Weight} */
  const first = ({ started, step }) => {
    const { letter } = started.equations.find(({ block }) => block >= 0);
    return { letter, symbol: `W_h${letter}`, index: step.h_t.length > 2 ? [1, 2] : [0, 0] };
  };
  const isThere = () => {
    const values = withWeights(now).some(({ letter }) => letter === chosen.letter) && weightsOf(now, chosen.letter).find(([symbol]) => symbol === chosen.symbol)?.[1];
    const row = values ? values[chosen.index[0]] : undefined;
    return row !== undefined && (chosen.index.length === 1 || /** @type {number[]} */ (row)[chosen.index[1]] !== undefined);
  };

  /** @param {Moment} moment */
  function show(moment) {
    now = moment;
    if (!chosen || !isThere()) chosen = first(moment);
    const { activeElement } = document, focused = host.contains(activeElement) ? /** @type {HTMLElement} */ (activeElement) : null;
    const block = focused?.dataset.block, equation = equationOf(moment, chosen.letter);
    const upstream = chosen.letter === "s" ? `∂L/∂s_t = ${equation.upstream}` : `∂L/∂${chosen.letter}_t = ${equation.upstream}`;
    const activation = equation.activation ? ` · ${equation.activation}′` : "";
    host.replaceChildren(
      make("div", "pick", ...drawLetters(moment, chosen.letter), make("div", "tables", ...drawTables(moment, chosen))),
      make("div", "account",
        make("p", "rule", make("b", "", ...formula(`∂L/∂${nameOfWeight(moment, chosen)} = Σ_t ∂L/∂${chosen.letter}_t${activation} · ${byName(moment, chosen)}`)), make("span", "", ...formula(upstream))),
        scrolling(drawTerms(moment, chosen)), ...drawUpdate(moment, chosen)),
    );
    host.dataset.weight = nameOfWeight(moment, chosen);
    if (block) /** @type {HTMLElement | null} */ (host.querySelector(`[data-block="${block}"]`))?.focus();
    else if (focused) /** @type {HTMLElement | null} */ (host.querySelector("td[tabindex='0']"))?.focus({ preventScroll: true });
  }

  /** @param {Event} event */
  function onPick(event) {
    const target = event.target instanceof Element ? event.target : null;
    const button = /** @type {HTMLElement | null} */ (target?.closest("[data-block]")), cell = /** @type {HTMLElement | null} */ (target?.closest("table[data-symbol] tbody td"));
    if (button) chosen = { letter: button.dataset.block, symbol: weightsOf(now, button.dataset.block)[button.dataset.block === "s" ? 0 : 1][0], index: [0, 0] };
    else if (cell) choose(cell);
    if (button || cell) show(now);
  }

  /** @param {HTMLElement} cell */
  function choose(cell) {
    const { symbol } = cell.closest("table").dataset, { row, column } = cell.dataset;
    chosen = { letter: chosen.letter, symbol, index: symbol.startsWith("W") ? [Number(row), Number(column)] : [Number(row)] };
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const [down, right] = ARROWS[event.key] ?? [];
    const cell = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("table[data-symbol] tbody td")) : null;
    if (!cell || down === undefined) return;
    event.preventDefault();
    const other = cellBeside([...queryAll(host, "table[data-symbol]")], cell, down, right);
    if (!other) return;
    choose(other);
    show(now);
  }

  host.addEventListener("click", onPick);
  host.addEventListener("keydown", onKey);
  return { show };
}
