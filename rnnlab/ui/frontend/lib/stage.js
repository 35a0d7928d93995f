// @ts-check
// Do on the page what a visitor does: open a tab, set fields, press, open a closed part, outline an element. The
// dialog of the tutorials and the guides use it.

import * as drive from "./drive.js";
import { isFilled } from "./form.js";
import { queryAll, reducedMotion } from "./page.js";
import { openPart } from "./switches.js";

const PATIENCE = 15_000; // milliseconds until something that has just been opened is there
const FILLED = 5000; // milliseconds until the fields of a tab that has just been opened hold what its run has
const INTERVAL = 60; // milliseconds between two looks, which ask the browser for its layout
const SETTLED = 600; // milliseconds in which no field changes any more, after one was set and the server may set others

/** @param {() => unknown} test @param {number} [patience] @returns {Promise<void>} when the test holds, or after `patience` */
export async function until(test, patience = PATIENCE) {
  const end = performance.now() + patience;
  while (!test() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, INTERVAL));
}

/** @param {string} selector @returns {HTMLElement | null} */
export const find = (selector) => document.querySelector(selector);

/** @param {string} tab @returns {boolean} */
const isOpen = (tab) => [...queryAll(document, "#tabs > .tab-wrapper [role=tab][aria-selected=true]")].some((node) => node.dataset.tabId === tab);

/**
 * Open a tab, and a part of it.
 * @param {string} tab
 * @param {string} [part] of the Tagging tab
 */
export async function openPlace(tab, part) {
  if (!isOpen(tab)) await drive.openTab(tab);
  if (part) await until(() => openPart(part));
}

/** @returns {string} what the fields of the open tab show */
const shown = () => [...document.querySelectorAll("#tabs [role=tabpanel] :is(input, textarea)")]
  .map((node) => { const { value, checked } = /** @type {HTMLInputElement} */ (node); return `${value} ${checked}`; }).join("\n");

/** Wait until no field changes any more. */
export async function settle() {
  let before = "", since = performance.now();
  await until(() => {
    const now = shown();
    if (now !== before) [before, since] = [now, performance.now()];
    return performance.now() - since > SETTLED;
  });
}

/**
 * Set fields by their ids, as a visitor's edits.
 * @param {Record<string, any>} values
 * @param {string} [form] that is filled before (`components/form_restore.py`)
 */
export async function setFields(values, form) {
  await drive.until(() => Boolean(document.getElementById(Object.keys(values)[0])));
  if (form) await until(() => isFilled(form), FILLED); // on a slow machine it is filled later, and keeps what is touched
  await drive.setFields(values);
}

/**
 * Press a button once it is there.
 * @param {string} selector
 * @param {boolean} [unlessOn] not if it is pressed already
 */
export async function press(selector, unlessOn = false) {
  await until(() => find(selector));
  const node = find(selector);
  if (unlessOn && node?.getAttribute("aria-pressed") === "true") return;
  node?.click();
}

/** Open a closed part: a <details>, or an accordion of Gradio's. @param {string} selector */
export async function expand(selector) {
  await until(() => find(selector));
  const node = find(selector);
  if (node instanceof HTMLDetailsElement) node.open = true;
  else /** @type {HTMLElement | null | undefined} */ (node?.querySelector(":scope .label-wrap:not(.open)"))?.click();
}

/** Take the outline away. */
export const dim = () => { for (const node of queryAll(document, "[data-lit]")) node.removeAttribute("data-lit"); };

/** @param {HTMLElement | null} node @returns {boolean} */
export const isVisible = (node) => Boolean(node && node.getClientRects().length);

/**
 * Outline an element and bring it into view.
 * @param {string} selector
 * @returns {Promise<boolean>} whether it is on the page
 */
export async function light(selector) {
  await until(() => isVisible(find(selector)));
  dim();
  const node = find(selector);
  if (!isVisible(node)) return false;
  node.setAttribute("data-lit", ""); // an attribute: Gradio writes classes anew
  const tall = node.getBoundingClientRect().height > innerHeight * 0.6;
  node.scrollIntoView({ block: tall ? "start" : "center", behavior: reducedMotion() ? "auto" : "smooth" });
  return true;
}

/**
 * Call `then` once an element has changed, from now on.
 * @param {string} selector
 * @param {() => void} then
 */
export function onFirstChange(selector, then) {
  const node = find(selector);
  if (!node) return then();
  const observer = new MutationObserver(() => { observer.disconnect(); then(); });
  observer.observe(node, { subtree: true, childList: true, characterData: true }); // not attributes: the outline is one
}
