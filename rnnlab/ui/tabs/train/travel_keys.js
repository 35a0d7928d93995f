// @ts-check
// The keys of time travel: ← → Page Up, Page Down, Home and End on the curve and in the row under it; a presenter's
// Page Up and Page Down anywhere on the tab where nothing else uses them.

import { attachment, queryAll } from "../../frontend/lib/page.js";
import { moveOf, travel } from "./time_travel.js";

/** @param {KeyboardEvent} event */
const isPlain = (event) => !(event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);

/** Whether an element uses Page Up and Page Down itself: a field, a list, a dialog, what scrolls. @param {Element | null} node */
function usesPageKeys(node) {
  if (!node || node === document.body) return Boolean(document.querySelector("dialog[open]"));
  if (node.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true], [role=listbox], [role=combobox], dialog, [role=dialog]")) return true;
  for (let each = node; each && each !== document.body; each = each.parentElement) {
    if (each.scrollHeight > each.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(each).overflowY)) return each !== document.scrollingElement;
  }
  return false;
}

/**
 * @param {HTMLElement} panel
 * @param {Record<string, any>} parts of the panel by role
 */
export function followKeys(panel, { stage, other }) {
  stage.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const move = moveOf(event.key);
    if (!move || !isPlain(event)) return;
    event.preventDefault();
    travel.move(move, event.target === other);
  });
  document.addEventListener("keydown", (event) => {
    const isPage = event.key === "PageUp" || event.key === "PageDown";
    if (!isPage || !isPlain(event) || !panel.offsetWidth || !travel.now || usesPageKeys(document.activeElement)) return;
    event.preventDefault();
    travel.move(moveOf(event.key));
  }, { signal: attachment("travel_keys") });
  panel.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("button[data-move]")) : null;
    if (button) travel.move(button.dataset.move);
  });
  for (const button of queryAll(panel, "button[data-move]")) button.title = button.getAttribute("aria-label") ?? "";
}
