// @ts-check
// The keys of time travel: ← → Page Up, Page Down, Home and End on the curve and in the row under it; a presenter's
// Page Up and Page Down anywhere on the tab where nothing else uses them.

import { attachment, queryAll } from "../../frontend/lib/page.js";
import { isPlain, usesPageKeys } from "../../frontend/lib/presenter_keys.js";
import { say } from "../../frontend/lib/speech.js";
import { moveOf, travel } from "./time_travel.js";

/**
 * @param {HTMLElement} panel
 * @param {Record<string, any>} parts of the panel by role
 * @param {() => string} text where the handle is, in words
 */
export function followKeys(panel, { stage, plot, other }, text) {
  stage.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const move = moveOf(event.key);
    if (!move || !isPlain(event)) return;
    event.preventDefault();
    travel.move(move, event.target === other);
    if (event.target === plot) say(text()); // a slider speaks for itself
  });
  document.addEventListener("keydown", (event) => {
    const isPage = event.key === "PageUp" || event.key === "PageDown";
    if (!isPage || !isPlain(event) || !panel.offsetWidth || !travel.now || usesPageKeys(document.activeElement)) return;
    event.preventDefault();
    travel.move(moveOf(event.key));
    say(text());
  }, { signal: attachment("travel_keys") });
  panel.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("button[data-move]")) : null;
    if (button) travel.move(button.dataset.move);
  });
  for (const button of queryAll(panel, "button[data-move]")) button.title = button.getAttribute("aria-label") ?? "";
}
