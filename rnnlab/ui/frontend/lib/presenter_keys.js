// @ts-check
// The keys of a presenter's remote, Page Up and Page Down, and who may have a key: not a field in which one writes.

import { isProjected, queryAll } from "./page.js";

const FIELDS = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable=true], [role=listbox], [role=combobox], dialog, [role=dialog]";

/** @param {KeyboardEvent} event @param {boolean} [withShift] whether Shift may be held */
export const isPlain = (event, withShift = false) =>
  !(event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || (event.shiftKey && !withShift));

/** Whether keys belong to an element: a field in which one writes, a list, a dialog. @param {Element | null} node */
export const usesKeys = (node) => Boolean(document.querySelector("dialog[open]") ?? node?.closest(FIELDS));

/** Whether an element uses Page Up and Page Down itself: also a slider, and what scrolls. @param {Element | null} node */
export function usesPageKeys(node) {
  if (usesKeys(node)) return true;
  if (!node || node === document.body) return false;
  if (node.matches("input[type=range]")) return !isProjected();
  for (let each = node; each && each !== document.body; each = each.parentElement) {
    if (each.scrollHeight > each.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(each).overflowY)) return each !== document.scrollingElement;
  }
  return false;
}

/** @type {Map<HTMLElement, (by: number) => void>} by what is on the screen when they may walk */
const walks = new Map();

/**
 * Let a presenter's keys walk in projector mode while `host` is on the screen.
 * @param {HTMLElement} host
 * @param {(by: number) => void} walk called with 1 or -1
 */
export function onPresenterKeys(host, walk) {
  for (const other of walks.keys()) if (!other.isConnected) walks.delete(other); // Gradio attaches panels anew
  walks.set(host, walk);
}

// Projector mode hides the slider itself. A tab, a tab in it and a part of Layers may each be closed.
/** @param {HTMLElement} host */
const isOpen = (host) => Boolean(/** @type {HTMLElement} */ (host.closest(".part, [role=tabpanel]") ?? host).offsetWidth);

/** @param {KeyboardEvent} event */
export function walkByPresenter(event) {
  const by = event.key === "PageDown" ? 1 : event.key === "PageUp" ? -1 : 0;
  if (!by || !isProjected() || !isPlain(event) || usesPageKeys(document.activeElement)) return;
  const host = [...walks.keys()].find((each) => each.isConnected && isOpen(each));
  const text = [...queryAll(document, "[data-presenter]")].find((each) => each.offsetWidth); // it walks by the arrow keys
  if (!host && !text) return;
  event.preventDefault();
  if (host) walks.get(host)(by);
  else text.dispatchEvent(new KeyboardEvent("keydown", { key: by > 0 ? "ArrowRight" : "ArrowLeft", bubbles: true, cancelable: true }));
}
