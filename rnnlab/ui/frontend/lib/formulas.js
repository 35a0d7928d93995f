// @ts-check
// The formulas behind the page's pictures, set as MathML, which browsers draw by themselves. A panel has
// <details data-formulas="chain perplexity"><summary data-word="formulas"></summary></details>, closed, so that the picture comes first.

import { make, queryAll, withWords, onChange } from "./page.js";

const NAMESPACE = "http://www.w3.org/1998/Math/MathML";

/** @typedef {string | Tree[]} Tree an element is [name, ...children]; a string is text */

const I = (/** @type {string} */ text) => ["mi", text];
const O = (/** @type {string} */ text) => ["mo", text];
const N = (/** @type {string} */ text) => ["mn", text];
const row = (/** @type {Tree[]} */ ...parts) => ["mrow", ...parts];
const sub = (/** @type {Tree} */ base, /** @type {Tree} */ index) => ["msub", base, index];
const over = (/** @type {Tree} */ top, /** @type {Tree} */ bottom) => ["mfrac", top, bottom];
/** @param {string} sign @param {Tree} from @param {Tree} [to] */
const all = (sign, from, to) => (to ? ["munderover", O(sign), from, to] : ["munder", O(sign), from]);
/** @param {...Tree} index x with an index */
const x = (...index) => sub(I("x"), row(...index));
const list = (/** @type {Tree} */ first, /** @type {Tree} */ last) => row(first, O(","), I("…"), O(","), last);
const p = (/** @type {Tree[]} */ ...inner) => row(I("P"), O("("), ...inner, O(")"));
const c = (/** @type {Tree[]} */ ...inner) => row(I("c"), O("("), ...inner, O(")"));

const before = list(x(N("1")), x(I("t"), O("−"), N("1")));
const near = list(x(I("t"), O("−"), I("n"), O("+"), N("1")), x(I("t"), O("−"), N("1")));
const norm = row(N("‖"), I("g"), N("‖"));

/** @type {Record<string, Tree[]>} by name; the words of each are `<name>`, `<name>.say` and `<name>.why` */
export const FORMULAS = {
  chain: [p(list(x(N("1")), x(I("T")))), O("="), all("∏", row(I("t"), O("="), N("1")), I("T")), p(x(I("t")), O("|"), before)],
  markov: [p(x(I("t")), O("|"), before), O("≈"), p(x(I("t")), O("|"), near)],
  counts: [p(x(I("t")), O("|"), near), O("="), over(c(list(x(I("t"), O("−"), I("n"), O("+"), N("1")), x(I("t")))), c(near))],
  smoothing: [
    sub(I("P"), I("n")), O("("), I("w"), O("|"), I("h"), O(")"), O("="), over(row(I("max"), O("("), c(I("h"), I("w")), O("−"), I("D"), O(","), N("0"), O(")")), c(I("h"))),
    O("+"), over(row(I("D"), O("·"), I("N"), O("("), I("h"), O(")")), c(I("h"))), sub(I("P"), row(I("n"), O("−"), N("1"))), O("("), I("w"), O("|"), ["msup", I("h"), O("′")], O(")"),
  ],
  perplexity: [
    I("perplexity"), O("="), I("exp"), O("("), O("−"), over(N("1"), I("N")), all("∑", row(I("t"), O("="), N("1")), I("N")), I("log"), p(x(I("t")), O("|"), before), O(")"),
  ],
  clipping: [I("g"), O("←"), I("min"), O("("), N("1"), O(","), row(I("θ"), O("/"), norm), O(")"), I("g")],
  softmax: [sub(I("p"), I("i")), O("="), over(row(I("exp"), O("("), sub(I("s"), I("i")), O("/"), I("τ"), O(")")), row(all("∑", I("j")), I("exp"), O("("), sub(I("s"), I("j")), O("/"), I("τ"), O(")")))],
};

/** @param {Tree} tree @param {string} word what stands for the name of the perplexity @returns {Node} */
function element(tree, word) {
  if (typeof tree === "string") return document.createTextNode(tree === "perplexity" ? word : tree);
  const [name, ...children] = tree, node = document.createElementNS(NAMESPACE, /** @type {string} */ (name));
  if (name === "mo" && children[0] === "|") node.setAttribute("stretchy", "false");
  if (children[0] === "‖") node.setAttribute("lang", "en"); // a Chinese font has it as wide as a character
  node.append(...children.map((child) => element(child, word)));
  return node;
}

/**
 * Set a formula.
 * @param {string} name one of FORMULAS
 * @param {string} say the formula in words, for a screen reader
 * @param {string} word the perplexity in the page's language
 */
export function mathOf(name, say, word) {
  const math = document.createElementNS(NAMESPACE, "math");
  math.setAttribute("display", "block");
  math.setAttribute("aria-label", say);
  math.append(...FORMULAS[name].map((tree) => element(tree, word)));
  return math;
}

/**
 * Fill the panel's disclosures of formulas, now and at each change of language; numbers of the panel's own stay.
 * @param {HTMLElement} panel
 */
export function showFormulas(panel) {
  const write = () => withWords("formulas", (words) => {
    for (const box of queryAll(panel, "[data-formulas]")) {
      const items = box.dataset.formulas.split(" ").map((name) => {
        const kept = [...queryAll(box, `[data-of=${name}] [data-number]`)];
        const item = make("li", "", make("b", "", words[name]), mathOf(name, words[`${name}.say`], words.word), ...kept, make("span", "why", words[`${name}.why`]));
        item.dataset.of = name;
        return item;
      });
      box.querySelector("ul")?.remove();
      box.append(make("ul", "", ...items));
    }
  });
  let isOpened = false; // until then the words are not asked for
  for (const box of queryAll(panel, "[data-formulas]")) box.addEventListener("toggle", () => { if (!isOpened) isOpened = true, write(); });
  onChange(["language"], () => { if (isOpened) write(); });
}
