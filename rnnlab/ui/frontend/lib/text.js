// @ts-check
// Texts that a person or a model wrote: their lines, scripts and directions, and words with placeholders.

const MAX_LETTER = 16; // characters in one letter: more marks than that are noise
/** @type {Record<string, string>} */
const SIGNS = { " ": "␣", "\u3000": "␣", "\n": "↵", "\r": "↵", "\t": "⇥", "<eos>": "↵" };
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
const segmenter = Intl.Segmenter ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;

/**
 * Give a sign for a token that cannot be seen by itself: ␣ ↵ ⇥, a lone mark on ◌, U+200D; ↵ for the line end of a model
 * of words.
 * @param {string} character a character or a word
 */
export function visible(character) {
  if (SIGNS[character]) return SIGNS[character];
  if (/^\p{M}/u.test(character)) return `◌${character}`;
  if (/^[\p{C}\p{Z}]$/u.test(character)) return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return character;
}

/**
 * Tell whether `more` belongs to the last letter of `text`: a mark, or a part of a joined emoji.
 * @param {string} text
 * @param {string} more
 */
export function joins(text, more) {
  if (!text || text.length > MAX_LETTER || /\s/u.test(text.at(-1)) || !segmenter) return false;
  return [...segmenter.segment(text + more)].length === 1;
}

/**
 * Split a text into lines; a line end at its end begins no further line.
 * @param {string} text
 */
export const splitLines = (text) => text.replace(/\n$/, "").split("\n");

/**
 * Name the language of a text by its script; "" where the script does not tell.
 * @param {string} text
 */
export function languageOfScript(text) {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return "ja";
  if (/\p{Script=Hangul}/u.test(text)) return "ko";
  return /\p{Script=Han}/u.test(text) ? "zh-CN" : "";
}

/**
 * Tell the direction of a text by its first letter; "" where there is none.
 * @param {string} text
 * @returns {"rtl" | "ltr" | ""}
 */
export function direction(text) {
  const letter = text.match(/\p{L}/u);
  return letter ? (RIGHT_TO_LEFT.test(letter[0]) ? "rtl" : "ltr") : "";
}

/**
 * Fill in the {placeholders} of a text; one without a value becomes nothing.
 * @param {string | undefined} text
 * @param {Record<string, unknown>} values
 */
export const fill = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));

// --- in the page ---

/**
 * Make the element of one line of a text; without a letter of its own it has the direction of the whole text.
 * @param {string} text
 * @param {string} around the direction of the whole text, or ""
 */
export function lineElement(text, around) {
  const line = Object.assign(document.createElement("span"), { className: "line" });
  setLineDirection(line, text, around);
  return line;
}

/**
 * @param {HTMLElement} line
 * @param {string} text
 * @param {string} around
 */
export function setLineDirection(line, text, around) {
  line.dir = direction(text) ? "auto" : around || "ltr";
}

/** @param {Element} node whether its text runs from the right */
export const isRightToLeft = (node) => getComputedStyle(node).direction === "rtl";

/** Give each text field the direction of what is typed: Gradio gives its fields a fixed one. */
export function followFieldDirections() {
  const FIELDS = "textarea, input[type=text], input:not([type])";
  /** @param {Node} node */
  const follow = (node) => {
    if (!(node instanceof Element)) return;
    const fields = /** @type {Iterable<HTMLElement>} */ (node.matches(FIELDS) ? [node] : node.querySelectorAll(FIELDS));
    for (const field of fields) field.dir = "auto";
  };
  new MutationObserver((changes) => { for (const change of changes) change.addedNodes.forEach(follow); })
    .observe(document.documentElement, { childList: true, subtree: true });
}
