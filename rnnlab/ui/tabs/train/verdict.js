// @ts-check
// Who is ahead on held-out text, the network or counting, and why: sentences from a run's own numbers.

/** @typedef {{ name: string, value: number | null }} Gram an n-gram's name and its held-out perplexity */

/**
 * @typedef {object} Numbers
 * @property {boolean} hasHeldOut whether a part of the text is held out
 * @property {number | null} training perplexity of the last whole epoch; null before there is one
 * @property {number | null} heldOut its held-out perplexity, which may be infinite; null before there is one
 * @property {{ epoch: number, value: number } | null} best the epoch with the lowest held-out perplexity
 * @property {number} epoch the last whole one
 * @property {number | null} uniform the perplexity of guessing uniformly
 * @property {Gram[]} grams
 */

const MEMORISED = 3; // times the training perplexity: from there on the network fits its own text, and less the language
const LITTLE = 2; // times counting's held-out perplexity: a network above it on its own text has learned little yet
const ALIKE = 1.5; // times the training perplexity: below it the network does as well on text that it has not seen
const CLOSE = 1.1; // times the best epoch's perplexity: below it the last one is as good

/**
 * Choose the sentences, as keys after "unseen." with the values that they name.
 * @param {Numbers} numbers
 * @returns {[string, Record<string, string | number | null>][]}
 */
export function verdict({ hasHeldOut, training, heldOut, best, epoch, uniform, grams }) {
  if (!hasHeldOut) return [["none", {}]];
  if (heldOut === null || training === null) return [["early", {}]];
  const counted = grams.filter(({ value }) => value !== null && value > 0);
  if (!counted.length) return [["dashed", {}], ["uncounted", { network: heldOut }]];
  const ahead = counted.reduce((least, gram) => (gram.value < least.value ? gram : least));
  const values = { gram: ahead.name, counted: ahead.value, network: heldOut, training, uniform };
  const memorised = heldOut > MEMORISED * training;
  if (heldOut < ahead.value) return [["dashed", {}], ["network", values], ["network_why", values], ...(memorised ? [/** @type {[string, any]} */ (["also_memorised", values])] : [])];
  /** @type {[string, Record<string, string | number | null>][]} */
  const sentences = [["dashed", {}], [uniform && heldOut > uniform ? "counting_worse" : "counting", values]];
  if (best && best.epoch !== epoch && heldOut > CLOSE * best.value) {
    sentences.push([best.value < ahead.value ? "best_ahead" : "best", { best: best.value, n: best.epoch }]);
  }
  return [...sentences, [reason(values), values], ["back_off", {}]];
}

/**
 * Choose the sentence about the network's own text when counting is ahead.
 * @param {{ network: number, training: number, counted: number, uniform: number | null }} values
 */
function reason({ network, training, counted, uniform }) {
  if (uniform && training > uniform) return "worse_too";
  if (training > LITTLE * counted) return "not_yet";
  if (training < counted && network > MEMORISED * training) return "memorised";
  return network < ALIKE * training ? "alike" : "training";
}
