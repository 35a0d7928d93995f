// @ts-check
// What the chosen text holds: its numbers in one line, and its vocabulary once it is opened. The panel is on the page
// once, so its state is the module's.

import { whole } from "../../frontend/lib/numbers.js";
import { followLanguage, make, roles } from "../../frontend/lib/page.js";
import { fill, visible } from "../../frontend/lib/text.js";

/** @import { PanelContext, TextFactsValue, TextMessage, Words } from "../../frontend/types.d.ts" */

const BLOCK = 100; // entries of the vocabulary

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Words | null} */
let words = null;
/** @type {TextFactsValue | TextMessage | null} */
let value = null;
/** @type {TextFactsValue | null} the one whose vocabulary is on the page */
let drawn = null;

function draw() {
  if (!words || !value) return;
  const details = /** @type {HTMLDetailsElement} */ (role("details")), message = role("message");
  const refused = "message" in value;
  message.hidden = !refused;
  details.hidden = refused;
  if ("message" in value) {
    message.textContent = value.message ? value.message[window.rnnlab.languageKey()] : words["facts.none"];
    return;
  }
  const { lines, characters, distinct, minibatches, taken, tokens, vocab_size: size } = value;
  const facts = { lines: fill(words[lines === 1 ? "facts.line" : "facts.lines"], { n: whole(lines) }), characters: whole(characters), distinct: whole(distinct), minibatches: whole(minibatches), taken: whole(taken), tokens: whole(tokens) };
  role("numbers").textContent = fill(words[taken < tokens ? "facts.part" : "facts.numbers"], facts);
  role("vocab_size").textContent = fill(words["facts.vocab_size"], { size: whole(size) });
  if (details.open) drawEntries();
}

// The vocabulary has up to thousands of entries: they are made when they are looked at.
function drawEntries() {
  if (!words || !value || "message" in value) return;
  const { beginning, ids, vocabulary, counts, vocab_size: size } = value;
  role("beginning").replaceChildren(...beginning.map((token, place) => entry(token, `${ids[place]}`)));
  role("legend").textContent = (words["facts.legend"] ?? "") + (size > vocabulary.length ? fill(words["facts.more"], { more: whole(size - vocabulary.length) }) : "");
  if (drawn === value) return;
  drawn = value;
  // In blocks, of which the browser lays out those in view.
  const starts = Array.from({ length: Math.ceil(vocabulary.length / BLOCK) }, (_, block) => block * BLOCK);
  role("vocabulary").replaceChildren(...starts.map((start) => make("div", "entries block",
    ...vocabulary.slice(start, start + BLOCK).map((token, k) => entry(token, `${start + k}`, `×${counts[start + k]}`)))));
}

/** @param {string} token @param {...string} numbers */
function entry(token, ...numbers) {
  const shown = make("b", "", visible(token));
  shown.dir = "auto";
  return make("span", "entry", shown, ...numbers.map((number) => make("small", "", number)));
}

/** @param {PanelContext<any>} context */
export function attach({ element, props, watch, trigger }) {
  role = roles(element);
  [value, drawn] = [props.value, null];
  watch("value", () => {
    if (JSON.stringify(value) === JSON.stringify(props.value)) return;
    value = props.value;
    draw();
  });
  role("details").addEventListener("toggle", () => {
    if (!(/** @type {HTMLDetailsElement} */ (role("details")).open)) return;
    drawEntries();
    trigger("submit"); // after a reload the text may be another one than the panel shows
  });
  followLanguage(element, "train", (known) => { words = known; draw(); });
}
