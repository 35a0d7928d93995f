// @ts-check
// What the panel shows of a run: an epoch and a step of it, and how its numbers are named.

import { visible } from "../../frontend/lib/text.js";

/** @import { CellEquation, CellStep, HelloStartedRow, LookRow, Words } from "../../frontend/types.d.ts" */

/**
 * @typedef {object} Moment
 * @property {LookRow} row the epoch
 * @property {CellStep} step
 * @property {number} t the step's place in the word, from 0
 * @property {HelloStartedRow} started
 * @property {number} limit the number that has the full colour
 * @property {Record<string, any>} config
 * @property {Words} words
 */

/** @param {Moment} moment @returns {string[]} the letters of the vocabulary, visible */
export const vocabularyOf = ({ started }) => [...started.vocabulary].map(visible);

/** @param {Moment} moment @returns {string[]} a name for each unit: a letter where h is the scores, else its number */
export const unitsOf = (moment) => (isScores(moment) ? vocabularyOf(moment) : moment.step.h_t.map((_, i) => String(i + 1)));

/** @param {Moment} moment */
const isScores = ({ row }) => !row.bias_out.length;

/** @param {Moment} moment @param {string} letter @returns {CellEquation} */
export const equationOf = ({ started }, letter) => started.equations.find((equation) => equation.letter === letter);

/** @param {Moment} moment @param {string} letter @returns {number[]} the numbers of a quantity; s is the scores */
export const valuesOf = ({ step }, letter) => (letter === "s" ? step.logits : step.values[letter]);

/**
 * Take the rows of a block of a weight.
 * @template T
 * @param {Moment} moment
 * @param {T[]} weight
 * @param {number} block
 * @returns {T[]}
 */
export function blockOf({ step }, weight, block) {
  const size = step.h_t.length;
  return weight.slice(block * size, (block + 1) * size);
}

/** @param {Moment} moment @param {CellEquation} equation @returns {number[]} what W_h of an equation multiplies */
export function multiplied({ step }, { by }) {
  if (by === "h_t") return step.h_t;
  return by === "h_{t-1}" ? step.h_prev : step.h_prev.map((h, j) => step.values.r[j] * h);
}

/** @param {Moment} moment @param {string} letter @returns {string} what a quantity is called */
export function nameOf({ started, words }, letter) {
  const isPlain = started.equations[0].letter === "h";
  return words[`quantity.${letter === "h" && isPlain ? "plain" : letter}`];
}
