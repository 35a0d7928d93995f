// @ts-check
// Do on the page what a visitor does: open a tab, set fields, press, open a closed part, outline an element. The
// dialog of the tutorials and the guides use it.

import * as drive from "./drive.js";
import { isFilled } from "./form.js";
import { queryAll, reducedMotion } from "./page.js";
import { openPart } from "./switches.js";

const PATIENCE = 15_000; // milliseconds until something that has just been opened is there
const FILLED = 30_000; // milliseconds until the fields of a tab that has just been opened hold what its run has
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
  // A field under "Advanced" is not on the page while that is closed, and can be set all the same.
  await drive.until(() => Boolean(document.getElementById(Object.keys(values)[0])) || isShown("#tabs [role=tabpanel] .toolbar"));
  if (form) await until(() => isFilled(form), FILLED); // on a slow machine it is filled later, and keeps what is touched
  await drive.setFields(values);
}

/** Tell whether a button has its words, which a panel writes when it listens. @param {HTMLElement | null} node */
const isDrawn = (node) => Boolean(node && (node.textContent.trim() || node.title || node.ariaLabel));

/**
 * Press a button once it is there.
 * @param {string} selector
 * @param {boolean} [unlessOn] not if it is pressed already
 */
export async function press(selector, unlessOn = false) {
  await until(() => isDrawn(find(selector)));
  const node = find(selector);
  if (unlessOn && node?.getAttribute("aria-pressed") === "true") return;
  node?.click();
}

/** Open a closed part: a <details>, or an accordion of Gradio's. @param {string} selector */
export async function expand(selector) {
  await until(() => {
    const node = find(selector), label = /** @type {HTMLElement | null | undefined} */ (node?.querySelector(":scope .label-wrap"));
    if (node instanceof HTMLDetailsElement) return node.open = true;
    if (label && !label.classList.contains("open")) label.click();
    return label?.classList.contains("open");
  });
}

/** Take the outline away. */
export const dim = () => { for (const node of queryAll(document, "[data-lit]")) node.removeAttribute("data-lit"); };

/** @param {HTMLElement | null} node @returns {boolean} */
export const isVisible = (node) => Boolean(node && node.getClientRects().length);

/** Tell whether the page shows an element; each tab has some that others have, too. @param {string} selector */
export const isShown = (selector) => [...queryAll(document, selector)].some(isVisible);

/** Give an element the focus: the keys are then its own. @param {string} selector @returns {Promise<HTMLElement | null>} */
export async function focusOn(selector) {
  await until(() => isVisible(find(selector)));
  find(selector)?.focus({ preventScroll: true });
  return find(selector);
}

/** Show a recorded run on the Train tab, unless a run of the visitor's own is there. @param {string} reference */
export async function showCurve(reference) {
  const { recordedCurve } = await import(window.rnnlab.module("tabs/train/recorded_curve.js"));
  await until(() => recordedCurve.now());
  if (recordedCurve.now().startsWith("curves/") && recordedCurve.now() !== reference) recordedCurve.show(reference);
}

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
  bringIntoView(node);
  return true;
}

/** @param {HTMLElement} node */
function bringIntoView(node) {
  const tall = node.getBoundingClientRect().height > innerHeight * 0.6;
  node.scrollIntoView({ block: tall ? "start" : "center", behavior: reducedMotion() ? "auto" : "smooth" });
}

/** Bring what is outlined into view again if it has grown beyond the screen, or what is above it has. */
export function lookAgain() {
  const node = find("[data-lit]");
  if (!node || !isVisible(node)) return;
  const { top, bottom, height } = node.getBoundingClientRect(), seen = Math.min(bottom, innerHeight) - Math.max(top, 0);
  if (seen < Math.min(height, innerHeight * 0.8) - 1) bringIntoView(node);
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
