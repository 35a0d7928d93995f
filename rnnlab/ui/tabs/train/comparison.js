// @ts-check
// The numbers of an epoch beside the curve, and the table under it that compares the network with counting.

import { number, percent, whole } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";
import { speedText } from "./progress.js";

/** @import { EpochRow, TrainPayload, Words } from "../../frontend/types.d.ts" */

/** @param {EpochRow} row @param {boolean} hasHeldOut */
const knowsHeldOut = (row, hasHeldOut) => hasHeldOut && row.held_out_perplexity !== undefined;

/**
 * Write the numbers of an epoch, by the name of their place.
 * @param {EpochRow | null} row null: before training
 * @param {number} epoch
 * @param {TrainPayload} run
 * @param {boolean} hasHeldOut whether the run has held-out text
 * @param {Words} words
 * @returns {Record<string, string>}
 */
export function epochNumbers(row, epoch, { epochs, clip }, hasHeldOut, words) {
  return {
    epoch: `${row?.epoch ?? epoch} / ${epochs}`,
    perplexity: row ? number(row.perplexity, 4) : "–",
    held_out: row && knowsHeldOut(row, hasHeldOut) ? number(row.held_out_perplexity, 4) : "–",
    speed: row ? speedText(row) : "–",
    grad_norm: row ? number(row.grad_norm) : "–",
    nll: row?.perplexity ? `= exp(${number(Math.log(row.perplexity), 4)}) = ${number(row.perplexity, 4)}` : "",
    clipping: row ? clippingText(row, clip, words) : "",
  };
}

/**
 * Say what clipping did in an epoch, beside its formula.
 * @param {EpochRow} row
 * @param {TrainPayload["clip"]} clip
 * @param {Words} words
 */
export function clippingText({ epoch, grad_norm: norm, clipped }, { limit, by }, words) {
  const factor = limit === null || norm === null ? null : Math.min(1, limit / norm);
  const facts = { epoch: whole(epoch), norm: number(norm), limit: number(limit), factor: number(factor), clipped: percent(clipped) };
  return fill(words[`clipping.${limit === null ? "never" : by}`], facts);
}

/**
 * Write a perplexity, and its log2: the bits per character.
 * @param {number | null} value null where there is none
 * @param {Words} words
 */
const inBits = (value, words) => value === null ? ["–"] : [
  number(value, 4), make("small", "", fill(words["compared.bits"], { n: number(Math.log2(value), 3) })),
];

/**
 * Show what needs no network, a row each, above the network itself.
 * @param {Record<string, any>} parts of the panel by role
 * @param {TrainPayload} run
 * @param {Words} words
 */
export function showBaselines(parts, run, words) {
  parts.compared.hidden = !run.baselines.length;
  parts.baselines.replaceChildren(...run.baselines.map(([name, ...values]) => make(
    "tr", "", Object.assign(make("th", "", name), { scope: "row" }),
    ...values.map((value) => make("td", "", ...inBits(value, words))),
  )));
  const { counted, train } = run.counted;
  const key = !counted ? "counting" : counted < train ? "counted_part" : "counted";
  parts.counted.textContent = fill(words[`compared.${key}`], { n: number(counted, 9), all: number(train, 9) });
}

/**
 * Show the network's last epoch in that table.
 * @param {Record<string, any>} parts
 * @param {EpochRow} row
 * @param {boolean} hasHeldOut
 * @param {Words} words
 */
export function showNetwork(parts, row, hasHeldOut, words) {
  parts.network_training.replaceChildren(...inBits(row.perplexity ?? Infinity, words));
  parts.network_held_out.replaceChildren(...inBits(knowsHeldOut(row, hasHeldOut) ? row.held_out_perplexity ?? Infinity : null, words));
  parts.network.textContent = fill(words["compared.network"], { n: row.epoch });
}
