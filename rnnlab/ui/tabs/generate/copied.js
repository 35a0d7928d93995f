// @ts-check
// What a song copies: which of its runs stand word for word in the training text, where, and how much that is beside a
// 5-gram's song and real text. Places in a song are counted in characters, as Python counts them.

import { percent } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { Copied, Words } from "../../frontend/types.d.ts" */

/**
 * Find the longest run that holds a place, as its number; -1 if none does.
 * @param {Copied | null | undefined} copied
 * @param {number} start the first character's place
 * @param {number} end after the last character
 */
export function runAt(copied, start, end) {
  let best = -1;
  (copied?.runs ?? []).forEach(([first, last], number) => {
    if (first >= end || last <= start) return;
    const [from, to] = best < 0 ? [0, 0] : copied.runs[best];
    if (last - first > to - from) best = number;
  });
  return best;
}

/**
 * Cut a text at the ends of its copied runs: [start, end, the run's number or -1], one after the other.
 * @param {number} length characters of the text
 * @param {Copied | null | undefined} copied
 * @returns {[number, number, number][]}
 */
export function segmentsOf(length, copied) {
  const cuts = [...new Set([0, length, ...(copied?.runs ?? []).flat()])].filter((at) => at <= length).sort((a, b) => a - b);
  /** @type {[number, number, number][]} */
  const segments = [];
  for (let i = 1; i < cuts.length; i++) {
    const number = runAt(copied, cuts[i - 1], cuts[i]), last = segments.at(-1);
    if (last?.[2] === number) last[1] = cuts[i];
    else segments.push([cuts[i - 1], cuts[i], number]);
  }
  return segments;
}

/**
 * Place a box of a fixed position below a node, or above it where there is no room.
 * @param {HTMLElement} box
 * @param {HTMLElement} node
 */
export function moveTo(box, node) {
  const at = node.getBoundingClientRect(), own = box.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(innerWidth - own.width - 8, at.left))}px`;
  box.style.top = `${at.bottom + own.height + 12 > innerHeight ? Math.max(8, at.top - own.height - 8) : at.bottom + 8}px`;
}

/**
 * Write where a run stands in the text; null if that is not known yet.
 * @param {Copied} copied
 * @param {number} number of the run
 * @param {Words} words
 */
export function passageParts(copied, number, words) {
  const place = copied.passages?.[number];
  if (!place) return null;
  const heading = make("p", "found", fill(words[place.count > 1 ? "copied.places" : "copied.place"], { count: place.count }));
  const text = make("p", "lines", place.before, make("mark", "", place.run), place.after);
  text.dir = "auto";
  return [heading, text];
}

/**
 * Write the sentence and the three bars; [] before the song is whole, or where its text is not known.
 * @param {Copied | null | undefined} copied
 * @param {Words} words
 */
export function meterParts(copied, words) {
  if (!copied || copied.share === undefined) return [];
  const facts = { share: percent(copied.share), length: copied.min_length, longest: copied.longest };
  const sentence = make("p", "", fill(words[copied.longest ? "copied" : "copied.none"], facts));
  /** @type {[string, number | null | undefined][]} */
  const rows = [["song", copied.share], ["ngram", copied.ngram_share], ["held_out", copied.held_out_share]];
  const known = rows.filter(([, share]) => share !== null && share !== undefined);
  const bars = make("dl", "bars", ...known.flatMap(([name, share]) => {
    const bar = make("i", name);
    bar.style.width = `${Math.max(share * 100, 0.5)}%`;
    return [make("dt", "", words[`copied.${name}`]), make("dd", "", make("span", "track", bar), make("span", "", percent(share)))];
  }));
  return [sentence, bars];
}
