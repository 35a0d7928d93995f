// @ts-check
// What a tagger has reached: the table of accuracies, the verdict on a word with two tags, and the mistakes.

import { percent, whole } from "../../../frontend/lib/numbers.js";
import { joinSentences, make } from "../../../frontend/lib/page.js";
import { direction, fill, languageOfScript, visible } from "../../../frontend/lib/text.js";

/** @import { Mistake, VerdictRow, Words } from "../../../frontend/types.d.ts" */

/** @typedef {import("./log.js").Log} Log */
/** @typedef {import("./log.js").TaggerLog} TaggerLog */

/**
 * Make the table of accuracies, and the size of the lesson below it.
 * @param {Log} log
 * @param {string} model
 * @param {Words} words
 * @returns {Node[]}
 */
export function resultsOf({ own, beside }, model, words) {
  const { started } = own;
  if (!started) return [];
  const taggers = beside ? [own, beside] : [own], isHeldOut = started.measured_on === "held-out";
  const table = make("table");
  table.createCaption().textContent = words[`results.${started.measured_on}`];
  if (beside) {
    const names = [words[`model.${model}`], words["model.none"]].map((name) => Object.assign(make("th", "", name), { scope: "col" }));
    table.createTHead().insertRow().append(make("td"), ...names);
  }
  const body = table.createTBody();
  /** @param {string} name @param {(tagger: TaggerLog) => number | null | undefined} value */
  const line = (name, value) => {
    const row = body.insertRow(), heading = Object.assign(make("th", "", words[`results.${name}`]), { scope: "row" });
    row.className = name;
    row.append(heading, ...taggers.map((tagger) => make("td", "", percent(value(tagger), 1))));
  };
  const last = (/** @type {TaggerLog} */ tagger) => tagger.epochs.at(-1);
  line("accuracy", (tagger) => tagger.finished?.accuracy ?? (isHeldOut ? last(tagger)?.held_out_accuracy : last(tagger)?.accuracy));
  if (isHeldOut) line("unknown", (tagger) => tagger.finished?.unknown_accuracy ?? last(tagger)?.unknown_accuracy);
  line("baseline", () => started.baseline);
  if (isHeldOut) line("learning", (tagger) => last(tagger)?.accuracy);
  const facts = { sentences: whole(started.sentences), held_out: whole(started.held_out_sentences), parameters: whole(started.parameters) };
  const tableSuffices = started.baseline === 1 && !isHeldOut; // a table of words would do
  return [table, ...(tableSuffices ? [make("p", "always", words["results.always"])] : []), make("p", "", fill(words["results.size"], facts))];
}

/**
 * Write the verdict on a word that comes with two tags.
 * @param {VerdictRow} verdict
 * @param {string} model
 * @param {Words} words
 * @param {(tag: string) => string} nameOf
 */
export function verdictText(verdict, model, words, nameOf) {
  const [first, second] = verdict.gold.map(nameOf);
  const [own_first, own_second] = verdict.recurrent.map(nameOf);
  const [alone_first, alone_second] = verdict.alone.map(nameOf);
  const facts = { word: verdict.word, model: words[`model.${model}`], first, second, own_first, own_second, alone_first, alone_second };
  const hasOneRight = verdict.gold.includes(verdict.alone[0]); // the same answer twice, of which one is right, or none
  const alone = verdict.alone[0] !== verdict.alone[1] ? "verdict.alone_other" : hasOneRight ? "verdict.alone_failed" : "verdict.alone_wrong";
  const own = verdict.recurrent_learned ? "verdict.learned" : "verdict.failed";
  return joinSentences([own, alone].map((key) => fill(words[key], facts)));
}

/**
 * Make an item for each word of the vocabulary: the word and its index.
 * @param {string[]} vocabulary by index
 */
export const wordItems = (vocabulary) => vocabulary.map((word, index) => {
  const name = make("bdi", "", visible(word));
  return make("li", "", name, make("small", "", String(index)));
});

/**
 * Make the paragraph of a sentence with mistakes.
 * @param {Mistake} mistake
 * @param {string} corpus
 * @param {Words} words
 * @param {(tag: string) => string} nameOf
 */
export function mistakeOf({ tokens, gold, predicted, before, after }, corpus, words, nameOf) {
  const node = make("p"), text = tokens.join(" ");
  node.lang = languageOfScript(text) || (corpus === "everyday-en" ? "en" : "");
  node.dir = direction(text) || "ltr";
  if (before) node.append(make("span", "", "…")); // a part of a long sentence
  node.append(...tokens.map((form, i) => {
    if (gold[i] === predicted[i]) return make("span", "", form);
    return make("span", "wrong", form, make("small", "", fill(words.mistake, { right: nameOf(gold[i]), wrong: nameOf(predicted[i]) })));
  }));
  if (after) node.append(make("span", "", "…"));
  return node;
}
