// Texts that a person or a model wrote, as the panels show them. Adds to `rnnlab`:
//   visible(character)   a sign for a character that cannot be seen by itself: ␣ ↵ ⇥, a lone mark on ◌, U+200D
//   joins(text, more)    whether `more` belongs to the last letter of `text`: a mark, a part of a joined emoji
//   languageOf(text)     "zh-CN", "ja" or "ko" by its script; "" where the script does not tell
//   line(tag)            an empty line of a text, which runs from the right if its letters do
//   direction(text)      "rtl" or "ltr" by its first letter, "" where there is none
//   isRightToLeft(node)  whether the text of `node` runs from the right
(() => {
  "use strict";
  const MOST = 16; // characters in one letter: more marks than that are noise
  const SIGNS = { " ": "␣", "\u3000": "␣", "\n": "↵", "\r": "↵", "\t": "⇥" };
  const segmenter = Intl.Segmenter ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;

  const visible = (character) => {
    if (SIGNS[character]) return SIGNS[character];
    if (/^\p{M}/u.test(character)) return `◌${character}`;
    if (/^[\p{C}\p{Z}]$/u.test(character)) return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    return character;
  };
  const joins = (text, more) => {
    if (!text || text.length > MOST || /\s/u.test(text.at(-1)) || !segmenter) return false;
    return [...segmenter.segment(text + more)].length === 1;
  };
  const languageOf = (text) => {
    if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return "ja";
    if (/\p{Script=Hangul}/u.test(text)) return "ko";
    return /\p{Script=Han}/u.test(text) ? "zh-CN" : "";
  };
  const line = (tag = "span") => Object.assign(document.createElement(tag), { className: "line", dir: "auto" });
  const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
  const direction = (text) => {
    const letter = text.match(/\p{L}/u);
    return letter ? (RIGHT_TO_LEFT.test(letter[0]) ? "rtl" : "ltr") : "";
  };
  const isRightToLeft = (node) => getComputedStyle(node).direction === "rtl";

  // What is typed runs from the right as well. Gradio gives its fields a direction of their own.
  const FIELDS = "textarea, input[type=text], input:not([type])";
  const follow = (node) => {
    if (!(node instanceof Element)) return;
    for (const field of node.matches(FIELDS) ? [node] : node.querySelectorAll(FIELDS)) field.dir = "auto";
  };
  new MutationObserver((changes) => { for (const change of changes) change.addedNodes.forEach(follow); })
    .observe(document.documentElement, { childList: true, subtree: true });

  Object.assign(window.rnnlab, { visible, joins, languageOf, line, direction, isRightToLeft });
})();
