// @ts-check
// What the song panel computes from a song, without the page: its lines in stretches that are copied from the training
// text, or that differ from another song at the same place. Places are counted in characters, as Python counts them.

import { runAt } from "../generate/copied.js";

/** @typedef {{ text: string, run: number, differs: boolean }} Stretch `run`: the copied run that it is in, or -1 */

/**
 * Count the characters that two songs begin with in common.
 * @param {string} song
 * @param {string} other
 */
export function commonBeginning(song, other) {
  const [mine, others] = [[...song], [...other]];
  const end = mine.findIndex((character, i) => character !== others[i]);
  return end < 0 ? mine.length : end;
}

/**
 * Divide a song into lines, and these into stretches. A song is compared place by place: what is alike again after one
 * character more or less counts as different, for the model was led there another way.
 * @param {string} song
 * @param {[number, number][]} runs its copied runs
 * @param {string | null} other the song to compare with
 * @returns {Stretch[][]}
 */
export function songLines(song, runs, other = null) {
  /** @type {Stretch[][]} */
  const lines = [[]];
  const characters = [...song.replace(/\n$/, "")], others = other === null ? null : [...other];
  characters.forEach((character, i) => {
    if (character === "\n") return void lines.push([]);
    const run = runAt({ runs }, i, i + 1), differs = others !== null && character !== others[i];
    const line = lines.at(-1), last = line.at(-1);
    if (last && last.run === run && last.differs === differs) last.text += character;
    else line.push({ text: character, run, differs });
  });
  return lines;
}

/**
 * Find the songs of an epoch, or else the last ones before it.
 * @template {{ epoch: number }} Row
 * @param {Map<number, Row>} rows by their epoch, with songs
 * @param {number} epoch
 * @returns {Row | null}
 */
export function songsAt(rows, epoch) {
  let found = null;
  for (const row of rows.values()) if (row.epoch <= epoch && row.epoch >= (found?.epoch ?? 0)) found = row;
  return found;
}
