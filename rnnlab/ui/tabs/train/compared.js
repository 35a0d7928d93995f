// @ts-check
// The table under the curve: what needs no network, a row each, above the network itself.

import { number } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { EpochRow, TrainPayload, Words } from "../../frontend/types.d.ts" */

// A perplexity, and its log2: the bits per character.
/** @param {Words} words @param {number | null} value null where there is none */
const inBits = (words, value) => value === null ? ["–"] : [
  number(value, 4), make("small", "", fill(words["compared.bits"], { n: number(Math.log2(value), 3) })),
];

/** @param {Record<string, any>} parts @param {TrainPayload} run @param {Words} words */
export function showBaselines(parts, run, words) {
  parts.compared.hidden = !run.baselines.length;
  parts.baselines.replaceChildren(...run.baselines.map(([name, ...values]) => make(
    "tr", "", Object.assign(make("th", "", name), { scope: "row" }),
    ...values.map((value) => make("td", "", ...inBits(words, value))),
  )));
  const { counted, train } = run.counted;
  const key = !counted ? "counting" : counted < train ? "counted_part" : "counted";
  parts.counted.textContent = fill(words[`compared.${key}`], { n: number(counted, 9), all: number(train, 9) });
}

/** @param {Record<string, any>} parts @param {Words} words @param {EpochRow} row @param {boolean} hasHeldOut */
export function showNetwork(parts, words, row, hasHeldOut) {
  parts.network_training.replaceChildren(...inBits(words, row.perplexity ?? Infinity));
  parts.network_held_out.replaceChildren(...inBits(words, hasHeldOut ? row.held_out_perplexity ?? Infinity : null));
  parts.network.textContent = fill(words["compared.network"], { n: row.epoch });
}
