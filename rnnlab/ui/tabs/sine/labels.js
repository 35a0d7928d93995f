// @ts-check
// The words of the panel of sin → cos that depend on the run: the legend, and the memories that it compares.

import { number } from "../../frontend/lib/numbers.js";
import { roles, writeWords } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";
import { MEMORIES } from "./waves.js";

/** @import { Words } from "../../frontend/types.d.ts" */

/**
 * Write the words of a run, and show the lanes and rows of its memories.
 * @param {HTMLElement} element
 * @param {Words} words
 * @param {Record<string, string>} config
 * @param {string[]} memories
 */
export function writeLabels(element, words, config, memories) {
  writeWords(element, words);
  const role = roles(element), phase = Number(config.phase), turned = `cos(t ${phase < 0 ? "−" : "+"} ${number(Math.abs(phase))})`;
  role("legend-input").textContent = words["legend.input"];
  role("legend-target").textContent = fill(words["legend.target"], { target: phase ? turned : "cos t" });
  role("legend-prediction").textContent = words["legend.prediction"];
  for (const memory of MEMORIES) {
    const lane = /** @type {HTMLElement} */ (element.querySelector(`.lane[data-memory=${memory}]`));
    const row = /** @type {HTMLElement} */ (element.querySelector(`tr[data-memory=${memory}]`));
    lane.hidden = row.hidden = !memories.includes(memory);
    lane.querySelector("[data-role=about]").textContent = fill(words[`about.${memory}`], { depth: config.bptt_windows });
  }
}
