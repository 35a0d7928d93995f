// @ts-check
// How dark a token is by its bits, and which tokens of a text become darker or paler. Bits come in whole tenths; null
// stands for the first token of a text, at which nothing was expected.

export const SHADES = 12; // the classes s0 … s11 of surprise_panel.css
const UNITS = 10; // of a bit

/**
 * Give the shade of a token: 0 where it was certain, the last from the bits of a blind guess on.
 * @param {number | null} tenths
 * @param {number} most the bits of a blind guess: log2 of the size of the vocabulary
 */
export function shadeOf(tenths, most) {
  if (tenths === null || !(most > 0)) return 0;
  return Math.max(0, Math.min(SHADES - 1, Math.round((tenths / UNITS / most) * (SHADES - 1))));
}

/**
 * Give the shades of a text.
 * @param {(number | null)[]} tenths
 * @param {number} most
 */
export const shadesOf = (tenths, most) => Uint8Array.from(tenths, (value) => shadeOf(value, most));

/**
 * Group neighbours of one shade, as [first place, place after the last, shade]; only those that differ from `before`.
 * @param {Uint8Array} shades
 * @param {Uint8Array | null} before what is drawn already; null draws all
 * @returns {[number, number, number][]}
 */
export function changedRuns(shades, before) {
  /** @type {[number, number, number][]} */
  const runs = [];
  shades.forEach((shade, place) => {
    if (before && before[place] === shade) return;
    const last = runs.at(-1);
    if (last && last[1] === place && last[2] === shade) last[1] = place + 1;
    else runs.push([place, place + 1, shade]);
  });
  return runs;
}

/**
 * Tell how rare a token of so many bits is: one in how many.
 * @param {number} tenths
 */
export const oddsOf = (tenths) => 2 ** (tenths / UNITS);
