// @ts-check
// The bars of one place of a song, likeliest first: what the model believes, and around it what was drawn from.

import { number, percent, signed, whole } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill, visible } from "../../frontend/lib/text.js";

/** @import { NextBars, NextRow, Words } from "../../frontend/types.d.ts" */

const KEYS = "1234567890"; // of the first ten bars
const TOPS = [0.02, 0.05, 0.1, 0.2, 0.5, 1]; // of the scale

/** The top of the scale for a place: the lowest one above all its bars. @param {NextBars} found */
export const topOf = ({ rows, others }) => {
  const highest = Math.max(...rows.flatMap(([, , believed, drawn]) => [believed, drawn]), others[1], others[2]);
  return TOPS.find((top) => highest <= top) ?? 1;
};

/** The token that a key picks; undefined if none. @param {NextBars | null} found @param {string} key */
export const tokenOfKey = (found, key) => (key.length === 1 && KEYS.includes(key) ? found?.rows[KEYS.indexOf(key)]?.[0] : undefined);

/** The row of a token. @param {NextBars} found @param {string} token @returns {NextRow | undefined} */
export const rowOf = (found, token) => found.rows.find(([each]) => each === token);

/** A small share with as many digits as tell it from none. @param {number} p */
export const share = (p) => (p > 0 && p < 0.0005 ? `<${percent(0.001, 1)}` : percent(p));

/** What is said of a token. @param {NextRow} row @param {Words} words */
export const sentenceOf = ([token, rank, believed, drawn], words) =>
  fill(words[drawn ? "figures" : "figures_cut"], { token: `\u2068${visible(token)}\u2069`, rank: whole(rank), believed: share(believed), drawn: share(drawn) });

/**
 * Write the softmax of a token in numbers: its logit, the temperature, and the probability before anything is cut off.
 * @param {NextBars} found
 * @param {string} token
 * @param {Words} words
 */
export function softmaxOf(found, token, words) {
  const row = rowOf(found, token);
  if (!row) return "";
  const { temperature, log_sum: sum, is_cut: isCut } = found, [, , , drawn, logit] = row;
  const facts = { token: `\u2068${visible(token)}\u2069`, score: signed(logit), temperature: number(temperature), log_sum: signed(sum ?? 0) };
  if (sum === null) return fill(words["softmax.greedy"], { ...facts, probability: share(drawn) });
  const equation = fill(words.softmax, { ...facts, probability: share(Math.exp(logit / temperature - sum)) });
  return isCut ? `${equation} (${words["softmax.cut"]})` : equation;
}

/**
 * @param {NextBars} found
 * @param {string} taken the token that stands in the song
 * @param {Words} words
 */
export function barNodes(found, taken, words) {
  const top = topOf(found);
  const bars = found.rows.map((row, i) => {
    const [token, , believed, drawn] = row, marks = marksOf(found, token, taken, words);
    const button = make("button", drawn ? "bar" : "bar cut", ...columnParts(visible(token), i < KEYS.length ? KEYS[i] : "", marks.join(" · "), believed, drawn, top));
    Object.assign(button, { type: "button", tabIndex: i < KEYS.length ? -1 : 0 });
    button.dataset.token = token;
    button.classList.toggle("taken", token === taken);
    button.classList.toggle("was-drawn", token === found.drawn);
    button.setAttribute("aria-label", [sentenceOf(row, words), ...marks].join(" "));
    button.setAttribute("aria-pressed", String(token === taken));
    return button;
  });
  const [count, believed, drawn] = found.others;
  if (!count) return bars;
  const rest = make("div", drawn ? "bar rest" : "bar rest cut", ...columnParts(fill(words.others, { count: whole(count) }), "", "", believed, drawn, top));
  return [...bars, rest];
}

/** @param {NextBars} found @param {string} token @param {string} taken @param {Words} words */
function marksOf(found, token, taken, words) {
  const marks = token === found.drawn ? [words.drawn] : [];
  return token === taken && taken !== found.drawn ? [...marks, words.picked] : marks;
}

/** @param {string} name @param {string} key @param {string} mark @param {number} believed @param {number} drawn @param {number} top */
function columnParts(name, key, mark, believed, drawn, top) {
  const box = make("span", "box", make("i", "drawn"), make("i", "believed"));
  box.style.setProperty("--believed", String(Math.min(1, believed / top)));
  box.style.setProperty("--drawn", String(Math.min(1, drawn / top)));
  return [make("kbd", "", key), make("span", "mark", mark), box, make("span", "token", name), make("span", "percent", share(believed)), make("span", "percent from", drawn ? share(drawn) : "–")];
}
