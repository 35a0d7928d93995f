// @ts-check
// What sections share: their words, the names of a network's states, and lists to choose from.

import { followLanguage, make, withWords, writeWords } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { Words } from "../../frontend/types.d.ts" */

/**
 * Write the words of a section into its element, and call `then` with them and those that all sections share, which
 * stand in `inside.json`, now and at each change of language.
 * @param {HTMLElement} root
 * @param {string} name of the section
 * @param {(words: Words) => void} then
 */
export function followWords(root, name, then) {
  followLanguage(root, `inside_${name}`, (own) => withWords("inside", (shared) => {
    const words = { ...shared, ...own };
    writeWords(root, words);
    then(words);
  }));
}

/**
 * Name a state such as "l0.c": "layer 1, cell".
 * @param {string} name
 * @param {Words} words with "state.h", "state.c"
 */
export const stateName = (name, words) => fill(words[`state.${name.split(".")[1]}`], { layer: Number(name.slice(1).split(".")[0]) + 1 });

/**
 * Return what is chosen in a list, or "" where an opened text or network does not have it.
 * @param {{ value: string }} select
 * @param {readonly string[]} names
 */
export const chosenAmong = ({ value }, names) => (names.includes(value) ? value : "");

/**
 * Fill a list of options, and choose one of them.
 * @param {HTMLSelectElement} select
 * @param {string[]} names
 * @param {string} chosen
 * @param {(name: string) => string | undefined} labelOf
 */
export function fillOptions(select, names, chosen, labelOf) {
  select.replaceChildren(...names.map((name) => Object.assign(make("option", "", labelOf(name)), { value: name })));
  select.value = chosen;
}
