// @ts-check
// The phase plane of sin → cos: it keeps the measured windows and draws the last one before the window that the player
// points at. A switch shows it in place of the waves; another chooses the memory.

import { traceOf } from "../../frontend/lib/bounds.js";
import { draw } from "../../frontend/lib/figures.js";
import { decimal, percent } from "../../frontend/lib/numbers.js";
import { queryAll, roles } from "../../frontend/lib/page.js";
import { recall, rememberOnLeave } from "../../frontend/lib/storage.js";
import { fill } from "../../frontend/lib/text.js";
import { angleOf, cloudsOf, reachOf, upTo, waysOf } from "./phase_points.js";

/** @typedef {import("./phase_points.js").TracePoints} TracePoints */
/** @import { PhasePlaneRow, Plot, SinePayload, SineRow, Words } from "../../frontend/types.d.ts" */

const CARRYING = ["carried", "bptt"]; // memories whose states can go round a loop
const STORAGE_KEY = "rnnlab_sine_view";
const DARK_ALONE = { "#8A63D2": "#AE92EE" }; // as in rnnlab/figures/phase.py, and the lighter one on a dark page
const STRAIGHT = 0.5; // degrees of the largest eigenvalue, below which states do not go round

/** @param {HTMLElement} element @param {string} step @param {number | null | undefined} radius @param {number | null} angle */
function showStep(element, step, radius, angle) {
  const row = element.querySelector(`tr[data-step=${step}]`);
  row.querySelector("[data-number=radius]").textContent = radius === null || radius === undefined ? "–" : decimal(radius, 3);
  row.querySelector("[data-number=angle]").textContent = angle === null ? "–" : `${angle ? "±" : ""}${decimal(angle, 1)}°`;
}

/** @param {HTMLElement} element @param {Words} words @param {PhasePlaneRow | undefined} row @param {string} after when it was measured */
function showNumbers(element, words, row, after) {
  const role = roles(element);
  role("after").textContent = after;
  const isStraight = row && ["in", "out"].includes(row.verdict) && (angleOf(row.rest_eigenvalues) ?? 90) < STRAIGHT;
  const verdict = row && (isStraight ? `straight_${row.verdict}` : row.verdict);
  role("verdict").textContent = row ? words[`phase.verdict.${verdict}`] : "";
  role("about-verdict").textContent = row ? words[`phase.about.${verdict}`] : "";
  role("share").textContent = row ? fill(words["phase.share"], { share: percent(row.explained[0] + row.explained[1], 1) }) : "";
  role("reading").textContent = words["phase.reading"];
  showStep(element, "driven", row?.driven_radius, angleOf(row?.driven_eigenvalues ?? []));
  showStep(element, "rest", row?.rest_radius, angleOf(row?.rest_eigenvalues ?? []));
}

/** @param {Plot} plot @param {Record<string, TracePoints>} points by uid @param {Record<string, any>} layout */
function fillPlot(plot, points, layout) {
  const found = plot.data.map(({ uid }) => points[uid] ?? { x: [], y: [] });
  const changes = { x: found.map(({ x }) => x), y: found.map(({ y }) => y), customdata: found.map(({ customdata }) => customdata ?? null) };
  return globalThis.Plotly.update(plot, { ...changes, "marker.angle": found.map(({ angle }) => angle ?? 0) }, layout);
}

/**
 * Let a group of radio buttons choose something.
 * @param {HTMLElement} group
 * @param {(value: string) => void} chosen
 * @returns {(value: string) => void} checks the button of a value
 */
function radios(group, chosen) {
  const inputs = /** @type {NodeListOf<HTMLInputElement>} */ (queryAll(group, "input"));
  for (const input of inputs) input.addEventListener("change", () => chosen(input.value));
  return (value) => { for (const input of inputs) input.checked = input.value === value; };
}

/**
 * Make the phase plane of a panel.
 * @param {HTMLElement} element
 * @param {() => void} changed called when another view or memory was chosen: the moment is to be drawn again
 */
export function makePhasePlane(element, changed) {
  const role = roles(element), root = /** @type {HTMLElement} */ (element.querySelector(".sine")), section = role("phase");
  /** @type {Record<string, PhasePlaneRow[]>} */
  let rows = {};
  /** @type {Words} */
  let words = {};
  let memory = CARRYING[0], total = 0, alone = 0, canCarry = true;

  const checkView = radios(role("view"), (view) => { showView(view); changed(); });
  const checkMemory = radios(role("phase-memory"), (chosen) => { memory = chosen; changed(); });
  /** @param {string} view */
  const showView = (view) => {
    root.dataset.view = view;
    section.hidden = view !== "phase";
    checkView(view);
  };
  showView(recall(STORAGE_KEY)?.view === "phase" ? "phase" : "waves");
  rememberOnLeave(STORAGE_KEY, () => ({ view: root.dataset.view }));

  return {
    get isShown() { return root.dataset.view === "phase"; },

    /** Begin a run. @param {SinePayload} payload @param {string[]} memories */
    start({ words: own, config }, memories) {
      words = own;
      rows = Object.fromEntries(CARRYING.map((name) => [name, /** @type {PhasePlaneRow[]} */ ([])]));
      [total, alone] = [Number(config.windows), Number(config.free_run)];
      const carrying = CARRYING.filter((name) => memories.includes(name));
      canCarry = carrying.length > 0;
      memory = carrying.includes(memory) ? memory : carrying[0] ?? CARRYING[0];
      checkMemory(memory);
      showStep(element, "sine", 1, 180 / (Number(config.points) - 1));
      for (const label of queryAll(role("phase-memory"), "label")) label.hidden = !carrying.includes(label.querySelector("input").value);
      role("phase-memory").hidden = carrying.length < 2;
    },

    /** @param {SineRow} row */
    take(row) { if (row.kind === "phaseplane") rows[row.memory].push(row); },

    /** @param {SinePayload} payload */
    async drawFigures({ figures, dark_colors: darkColors }) {
      await draw(role("plane"), figures.phase, { ...darkColors, ...DARK_ALONE });
      await draw(role("circle"), figures.eigenvalues, { ...darkColors, ...DARK_ALONE });
      root.style.setProperty("--alone-color", traceOf(role("plane").data, "alone").line.color);
      root.style.setProperty("--model-color", traceOf(role("plane").data, "driven").line.color);
    },

    /** Draw a window, counted from 1. @param {number} window */
    async show(window) {
      const known = upTo(rows[memory], Math.min(window, total)), row = known[known.length - 1], ownWindow = Math.max(0, window - total);
      const of = { window: ownWindow || row?.window, windows: alone };
      const after = row ? fill(words[ownWindow ? "phase.alone_at" : "phase.after"], of) : words[canCarry ? "phase.wait" : "phase.empty"];
      showNumbers(element, words, row, after);
      const range = 0.98 * (row ? reachOf(row) : 1); // without a number at the very edge
      await fillPlot(role("plane"), row ? waysOf(row, ownWindow || Infinity) : {}, { "xaxis.range": [-range, range], "yaxis.range": [-range, range] });
      await fillPlot(role("circle"), row ? cloudsOf(known) : {}, {});
    },
  };
}
