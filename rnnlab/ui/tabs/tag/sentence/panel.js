// @ts-check
// The tagged sentence. Everything that a person or a model wrote is set as text. The panel is on the page once, so its
// state is the module's.

import { percent } from "../../../frontend/lib/numbers.js";
import { followLanguage, make, roles } from "../../../frontend/lib/page.js";
import { recall, rememberOnLeave } from "../../../frontend/lib/storage.js";
import { direction, fill, isRightToLeft, languageOfScript } from "../../../frontend/lib/text.js";
import { firstToLookAt } from "./doubt.js";

/** @import { PanelContext, TaggedSentence, TaggedToken, Words } from "../../../frontend/types.d.ts" */

const MIN_PROBABILITY = 0.005; // of a tag of a word that is shown, besides the likeliest
const HUES = ["thing", "act", "quality", "pointer", "link", "rest"];
const STORAGE_KEY = "rnnlab_tokens";

/** @type {Record<string, any>} the panel's elements by role */
let parts = {};
/** @type {Words} */
let words = {};
/** @type {TaggedSentence | null} */
let value = null;
let chosen = 0;

/** @param {string} tag */
const nameOf = (tag) => words[`name.${value.corpus}.${tag}`] ?? words[`name.${tag}`] ?? tag;
/** @param {string} tag */
const hue = (tag) => value.hues[tag] ?? "rest";
/** @returns {HTMLElement[]} */
const buttons = () => [...parts.sentence.children];

// With `first` a value is what the page begins with: it does not replace a sentence that was tagged meanwhile.
/** @param {TaggedSentence | null} given */
function receive(given) {
  if (!given || (given.first && value)) return;
  value = given;
  show();
}

function show() {
  if (!value || !words.tab) return;
  const { tokens } = value, { sentence, by, strange } = parts;
  const text = tokens.map((token) => token.form).join(" ");
  sentence.lang = languageOfScript(text) || (value.model === "en" ? "en" : "");
  sentence.dir = direction(text) || "ltr"; // not "auto", which would read the tags as well
  sentence.replaceChildren(...tokens.map(button));
  choose(firstToLookAt(tokens));
  explainColours();
  by.textContent = words[`tokens.by.${value.model}`] ?? "";
  strange.textContent = words[`tokens.strange.${value.seen}`] ?? "";
  strange.hidden = !strange.textContent;
}

/** @param {TaggedToken} token @param {number} i */
function button(token, i) {
  const node = make("button", `token ${hue(token.tag)}${token.known ? "" : " unknown"}`,
    make("span", "sure"), make("span", "form", token.form), make("span", "tag", nameOf(token.tag)), make("span", "percent", percent(token.probability)));
  node.type = "button";
  node.dataset.index = String(i);
  node.style.setProperty("--p", String(token.probability));
  const facts = [nameOf(token.tag), percent(token.probability), ...(token.known ? [] : [words["tokens.unknown_short"]])];
  node.setAttribute("aria-label", `${token.form}: ${facts.join(", ")}`);
  return node;
}

/** @param {number} i */
function choose(i) {
  chosen = i;
  buttons().forEach((node, j) => {
    node.setAttribute("aria-pressed", String(i === j));
    node.tabIndex = i === j ? 0 : -1; // one stop for the Tab key; the arrow keys go from word to word
  });
  const token = value.tokens[i], title = make("h2", "", token.form);
  title.lang = parts.sentence.lang;
  title.dir = parts.sentence.dir;
  const likely = token.probabilities.filter(([, p], k) => k === 0 || p >= MIN_PROBABILITY);
  const others = token.probabilities.length - likely.length;
  const facts = { others, percent: percent(MIN_PROBABILITY) };
  const rest = others ? [make("p", "others", fill(words["tokens.others"], facts))] : [];
  parts.about.replaceChildren(title, make("p", "known", words[familiarityKey(token)]), ...likely.map(([tag, p]) => tagRow(token, tag, p)), ...rest);
}

/** @param {TaggedToken} token @param {string} tag @param {number} p */
function tagRow(token, tag, p) {
  const bar = make("div", "bar");
  bar.style.width = `${100 * p}%`;
  return make("div", `alternative ${hue(tag)}${tag === token.tag ? " taken" : ""}`,
    make("span", "name", nameOf(tag)), make("code", "", nameOf(tag) === tag ? "" : tag), make("span", "", bar), make("output", "", percent(p)));
}

/** @param {TaggedToken} token */
function familiarityKey(token) {
  if (token.known) return "tokens.known";
  return ["blind", "nothing"].includes(value.seen) ? "tokens.unknown_short" : "tokens.unknown";
}

function explainColours() {
  const { tokens, hues } = value;
  const used = HUES.filter((name) => tokens.some((token) => hue(token.tag) === name));
  const isUniversal = Object.keys(hues).every((tag) => words[`name.${tag}`]); // of other tags the colours say nothing in common
  const marks = tokens.every((token) => token.known) ? [] : [make("span", "mark", words["tokens.legend_unknown"])];
  parts.legend.replaceChildren(...(isUniversal ? used.map((name) => make("span", name, words[`hue.${name}`])) : []), ...marks);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const onward = isRightToLeft(parts.sentence) ? -1 : 1;
  const step = /** @type {Record<string, number>} */ ({ ArrowRight: onward, ArrowLeft: -onward })[event.key];
  const all = buttons();
  if (!step || !all.length) return;
  event.preventDefault();
  choose(Math.min(all.length - 1, Math.max(0, chosen + step)));
  all[chosen].focus();
}

/** @param {PanelContext<TaggedSentence | null>} context */
export function attach({ element, props, watch }) {
  const role = roles(element);
  parts = Object.fromEntries(["sentence", "about", "legend", "by", "strange"].map((name) => [name, role(name)]));
  parts.sentence.addEventListener("click", (/** @type {MouseEvent} */ { target }) => {
    const node = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest(".token")) : null;
    if (node) choose(Number(node.dataset.index));
  });
  parts.sentence.addEventListener("keydown", onKey);
  rememberOnLeave(STORAGE_KEY, () => value);
  value = recall(STORAGE_KEY);
  watch("value", () => receive(props.value));
  receive(props.value);
  followLanguage(element, "tag", (known) => { words = known; show(); });
}
