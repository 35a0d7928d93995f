// @ts-check
// The page as `boot.js` has set it up: its language, its theme, Plotly, and words in the page's language.

import { answerOf } from "./answer.js";
import { tried } from "./retries.js";

/** @import { Words } from "../types.d.ts" */

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @returns {string} the page's language as a BCP 47 tag */
export const language = () => globalThis.rnnlab.language();

/**
 * Pick the value for the page's language.
 * @template T
 * @param {Record<string, T>} values by the key of a language (`rnnlab/ui/i18n/languages.py`)
 * @returns {T}
 */
export const inLanguage = (values) => values[globalThis.rnnlab.languageKey()] ?? Object.values(values)[0];

/**
 * Join sentences with what stands between two of them in the page's language; empty ones are left out.
 * @param {(string | undefined)[]} sentences
 */
export const joinSentences = (sentences) => sentences.filter(Boolean).join(globalThis.rnnlab.sentenceSpace());

/** @returns {boolean} */
export const isDark = () => globalThis.rnnlab?.theme() === "dark";

/** Whether the page is in projector mode (`lib/projector.js`). */
export const isProjected = () => Boolean(globalThis.document?.documentElement?.hasAttribute("data-projector"));

/**
 * Call `then` whenever the page's language or theme changes, or projector mode begins or ends.
 * @param {("language" | "theme" | "projector")[]} what
 * @param {() => void} then
 */
export const onChange = (what, then) => what.forEach((name) => document.addEventListener(`rnnlab:${name}`, then));

// --- Plotly: the browser fetches it early (`server/page_head.py`), and runs it (a second) when a plot first asks ---

/** @type {Promise<any> | null} */
let loading = null;
/** @returns {Promise<any>} Plotly, loaded at the first call */
export const plotly = () => (loading ??= loadPlotly());

const loadPlotly = () => new Promise((resolve, reject) => {
  const script = Object.assign(document.createElement("script"), { src: window.rnnlab.assets.plotly });
  script.onload = () => resolve(window.Plotly);
  script.onerror = () => { loading = null; reject(new Error("Plotly did not load")); }; // the next call tries again
  document.head.append(script);
});

// --- words ---

/** @type {Map<string, Promise<Words | null>>} by address */
const sections = new Map();

/** @param {string} address @returns {Promise<Words | null>} null from a server that has failed each time */
const request = (address) => tried(async () => {
  const { status, body } = await answerOf(address);
  return { status, value: /** @type {Words | null} */ (body) };
}, () => document.querySelector(".gradio-container") ?? document.body);

/**
 * Call `then` with the words of a section, unless the page has another language by then.
 * @param {string} section
 * @param {(words: Words) => void} then
 */
export async function withWords(section, then) {
  const tag = language(), address = `lab/words/${section}?lang=${tag}`;
  if (!sections.has(address)) sections.set(address, request(address));
  const words = await sections.get(address);
  if (!words) sections.delete(address);
  else if (tag === language()) then(words);
}

/**
 * Write words into the elements that name one by `data-word`, and labels into those with `data-aria`.
 * @param {HTMLElement} element
 * @param {Words} words
 */
export function writeWords(element, words) {
  for (const node of queryAll(element, "[data-word]")) node.textContent = words[node.dataset.word] ?? "";
  for (const node of queryAll(element, "[data-aria]")) node.setAttribute("aria-label", words[node.dataset.aria] ?? "");
}

/**
 * Write the words of a section into an element and call `then` with them, now and at each change of language.
 * @param {HTMLElement} element
 * @param {string} section
 * @param {(words: Words) => void} then
 */
export function followLanguage(element, section, then) {
  const update = () => withWords(section, (words) => {
    writeWords(element, words);
    then(words);
  });
  onChange(["language"], update);
  update();
}

// --- elements ---

/**
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {NodeListOf<HTMLElement>}
 */
export const queryAll = (parent, selector) => parent.querySelectorAll(selector);

/**
 * Find the elements of a panel by their `data-role`.
 * @param {ParentNode} element
 * @returns {(name: string, from?: ParentNode) => any}
 */
export const roles = (element) => (name, from = element) => from.querySelector(`[data-role=${name}]`);

/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} [className]
 * @param {...(string | number | Node | undefined)} children text is inserted as text, never as HTML
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, className = "", ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children.map((child) => (child instanceof Node ? child : String(child ?? ""))));
  return node;
}

// --- listeners on the document and the window ---

/** @type {Map<string, AbortController>} by who listens */
const attachments = new Map();

/**
 * A signal for the listeners outside a panel, which it adds as it is attached; those that it has added before end:
 * Gradio may attach a panel anew.
 * @param {string} who
 */
export function attachment(who) {
  attachments.get(who)?.abort();
  const controller = new AbortController();
  attachments.set(who, controller);
  return controller.signal;
}

// --- a setting that is refused ---

/**
 * Show a refusal over a panel's dimmed picture, or take the last one away.
 * @param {HTMLElement} panel
 * @param {any} value a panel's value; a refusal is `{refused: {<language>: message}, field}`
 * @param {string} unchanged the sentence that the picture is the one of before
 * @param {(id: string) => void} mark marks the field
 * @returns {boolean} whether `value` is a refusal
 */
export function showRefusal(panel, value, unchanged, mark) {
  panel.parentElement.querySelector(":scope > .refused")?.remove();
  panel.toggleAttribute("data-refused", Boolean(value?.refused));
  if (!value?.refused) return false;
  mark(value.field);
  const note = make("p", "refused", joinSentences([inLanguage(value.refused), unchanged]));
  note.setAttribute("role", "alert");
  panel.before(note);
  return true;
}
