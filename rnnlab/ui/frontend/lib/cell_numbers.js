// @ts-check
// The numbers of one unit in one step of a cell, by the names that `cell_layouts.js` gives them.

/**
 * @typedef {object} NumberedLine an equation with the numbers of one unit
 * @property {string} letter
 * @property {string} formula
 * @property {string} activation
 * @property {number} sum
 * @property {number} value
 * @property {[string, number][]} parts what is summed, by its formula
 */

/**
 * Gather the numbers of all arrows.
 * @param {readonly NumberedLine[]} lines
 * @param {Record<string, number>} before "h_{t-1}" and "c_{t-1}" of the unit, as far as they are known
 * @returns {Record<string, number | undefined>}
 */
export function numbersOf(lines, before) {
  /** @type {Record<string, number | undefined>} */
  const found = { ...before };
  for (const { letter, sum, value, parts } of lines) {
    Object.assign(found, Object.fromEntries(parts), { [`${letter}_t`]: value, [`sum ${letter}`]: sum });
  }
  const { z_t: z, r_t: r, c_t: c, b_ih, b_hh } = found;
  if (z !== undefined) found["1 - z_t"] = 1 - z;
  if (c !== undefined) found["tanh(c_t)"] = Math.tanh(c);
  if (b_ih !== undefined) found["b_ih + b_hh"] = b_ih + b_hh;
  if (r !== undefined && found["h_{t-1}"] !== undefined) found["r_t ⊙ h_{t-1}"] = r * found["h_{t-1}"];
  const scaled = found["r_t ⊙ W_hn h_{t-1}"];
  if (scaled !== undefined) {
    const both = found["r_t ⊙ (W_hn h_{t-1} + b_hn)"] = scaled + found["r_t ⊙ b_hn"];
    found["W_hn h_{t-1} + b_hn"] = r ? both / r : undefined; // a reset gate of 0 hides what it multiplies
  }
  return found;
}

/**
 * Find the unit's state before the step among the factors of products: z_t ⊙ h_{t-1}, f_t ⊙ c_{t-1}.
 * @param {readonly { letter: string, terms: { factors: [string, number[], number][] }[] }[]} lines
 * @returns {Record<string, number>}
 */
export function stateBefore(lines) {
  const factors = lines.filter(({ letter }) => letter === "h" || letter === "c")
    .flatMap(({ terms }) => terms.filter((term) => term.factors.every(([, index]) => index.length === 1)))
    .flatMap((term) => term.factors);
  return Object.fromEntries(factors.filter(([name]) => name.endsWith("_{t-1}")).map(([name, , value]) => [name, value]));
}
