// @ts-check
// The letters of the song: the box beside one, with what else each of its tokens could have been, and their marks.

import { percent } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { splitLines, visible } from "../../frontend/lib/text.js";

/** @import { SampledToken } from "../../frontend/types.d.ts" */

const MAX_SHORT_LINE = 48; // characters: a longer line does not fit a column
const MAX_IN_COLUMNS = 400; // characters: nobody reads up and down again over three screens

/** Whether a song does not stand in columns. @param {string} song @param {string} language of its script, where that has a name: twice as wide */
export const isLong = (song, language) => song.length > MAX_IN_COLUMNS
  || Math.max(...splitLines(song).map((line) => [...line].length)) > MAX_SHORT_LINE * (language ? 0.5 : 1);

/** @param {SampledToken[]} choices of one letter: several where it has marks */
export function alternativeRows(choices) {
  const count = choices.length > 1 ? 2 : 4; // alternatives of each token, if it is not among them
  return choices.flatMap(([text, probability, others, token = text]) => {
    const isAmong = others.some(([other]) => other === token);
    /** @type {[string, number][]} */
    const all = isAmong ? others : [...others.slice(0, 4), [token, probability]];
    return all.filter(([other], i) => i <= count || other === token).map(([other, p]) => rivalRow(other, p, other === token));
  });
}

/** @param {string} token @param {number} p @param {boolean} isTaken */
function rivalRow(token, p, isTaken) {
  const bar = make("div", "bar");
  bar.style.width = `${Math.max(1, p * 90)}px`;
  return make("div", isTaken ? "alternative taken" : "alternative", make("span", "", visible(token)), make("span", "", bar), make("span", "", percent(p)));
}

/**
 * Mark the letter that is looked at and those at which other endings leave the song; hide those after a place.
 * @param {Iterable<HTMLElement>} letters
 * @param {{ at: number, branches: Set<number>, hiddenAfter: number | null }} marks by tokens of the song
 * @returns {number} the number of the letter that is looked at, -1 if it is not there
 */
export function markLetters(letters, { at, branches, hiddenAfter }) {
  let found = -1;
  [...letters].forEach((letter, i) => {
    const first = letter.token, last = first + letter.choices.length - 1, isAt = first <= at && at <= last;
    if (isAt) found = i;
    letter.classList.toggle("at", isAt);
    letter.classList.toggle("branch", [...branches].some((place) => first <= place && place <= last));
    letter.classList.toggle("ahead", hiddenAfter !== null && first > hiddenAfter);
  });
  return found;
}
