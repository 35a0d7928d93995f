// @ts-check
// The gradient of one number of a weight, term by term, and its update: plain numbers, without the page.

import { equationOf, multiplied } from "./moment.js";

/** @import { Moment } from "./moment.js" */

/**
 * @typedef {object} Weight
 * @property {string} letter of the quantity whose row it is; s is the scores
 * @property {string} symbol W_ir, W_hr, b_ir, b_hr, W_out or b_out
 * @property {number[]} index row and column within the block, or the row of a bias
 */

/**
 * @typedef {object} Term (own + later) · slope · times · by
 * @property {number} own of the derivative by the quantity, what is due to this step's loss
 * @property {number} later what is due to later losses
 * @property {number} slope of the activation
 * @property {number} times the reset gate, where it scales the product; else 1
 * @property {number} by what the weight multiplies
 * @property {number} value
 */

/** @typedef {Record<"value" | "gradient" | "sgd", number> & Record<"m" | "v" | "mHat" | "vHat" | "step", number | null>} Update */

const BETAS = [0.9, 0.999], EPSILON = 1e-8; // of `experiments/optimizers.py`

/** @param {Moment} moment @param {Weight} weight @returns {Term[]} one per step of the word */
export function termsOf(moment, { letter, symbol, index: [i, j] }) {
  const equation = equationOf(moment, letter), isInput = symbol.startsWith("W_i") || symbol.startsWith("b_i");
  return moment.row.steps.map((step) => {
    const by = j === undefined ? 1 : isInput ? step.x_t[j] : multiplied({ ...moment, step }, equation)[j];
    if (letter === "s") return { own: step.d_logits[i], later: 0, slope: 1, times: 1, by, value: step.d_logits[i] * by + 0 };
    const own = step.own[letter][i], later = step.later[letter][i], slope = step.slope[letter][i];
    const times = equation.times && !isInput ? step.values.r[i] : 1;
    return { own, later, slope, times, by, value: (own + later) * slope * times * by + 0 }; // + 0: no −0
  });
}

/**
 * Find the number's place among all numbers of the network, in which order `m` and `v` have them.
 * @param {Moment} moment
 * @param {Weight} weight
 */
export function placeOf(moment, { letter, symbol, index: [i, j] }) {
  const { row } = moment, weights = [row.weight_ih, row.weight_hh, row.bias_ih, row.bias_hh, row.weight_out, row.bias_out];
  const kind = symbol === "W_out" ? 4 : symbol === "b_out" ? 5 : (symbol.startsWith("W") ? 0 : 2) + (symbol[2] === "i" ? 0 : 1);
  const before = weights.slice(0, kind).reduce((sum, weight) => sum + weight.flat().length, 0);
  const r = letter === "s" ? i : equationOf(moment, letter).block * moment.step.h_t.length + i, own = weights[kind][r];
  return Array.isArray(own) ? { place: before + r * own.length + j, value: own[j] } : { place: before + r, value: own };
}

/**
 * Compute the update of a number: SGD's, and with Adam the running means and its step; null after the last update.
 * @param {Moment} moment
 * @param {Weight} weight
 * @returns {Update}
 */
export function updateOf(moment, weight) {
  const { row, config } = moment, { place, value } = placeOf(moment, weight), rate = Number(config.learning_rate);
  const gradient = termsOf(moment, weight).reduce((sum, term) => sum + term.value, 0), sgd = -rate * gradient;
  /** @type {Pick<Update, "m" | "v" | "mHat" | "vHat">} */
  const nothing = { m: null, v: null, mHat: null, vHat: null };
  if (row.kind === "finished") return { value, gradient, sgd, ...nothing, step: null };
  if (config.optimizer === "sgd") return { value, gradient, sgd, ...nothing, step: sgd };
  const m = row.m[place], v = row.v[place], mHat = m / (1 - BETAS[0] ** row.epoch), vHat = v / (1 - BETAS[1] ** row.epoch);
  return { value, gradient, sgd, m, v, mHat, vHat, step: (-rate * mHat) / (Math.sqrt(vHat) + EPSILON) };
}
