// @ts-check
// All settings of a run in a sheet at the side: an accordion with the class `sheet`, which while it is open stands over
// the right edge of the page, under the strip of controls (`styles/sheet.css`). The button `.open-sheet` in that strip
// opens and closes it, Escape closes it. On a narrow screen it stays an accordion, and the button scrolls to it.

import { queryAll, reducedMotion } from "./page.js";

const WIDE = "(min-width: 900px)"; // as in styles/sheet.css

/** @param {Element} button @returns {{ tab: Element | null, sheet: HTMLElement | null, label: HTMLElement | null }} */
function partsOf(button) {
  const tab = button.closest("[role=tabpanel]"), sheet = /** @type {HTMLElement | null} */ (tab?.querySelector(".sheet") ?? null);
  return { tab, sheet, label: /** @type {HTMLElement | null} */ (sheet?.querySelector(":scope > .label-wrap") ?? null) };
}

/** @param {HTMLElement | null} label @returns {boolean} */
const isOpen = (label) => Boolean(label?.classList.contains("open"));

/** Let the sheet of each tab begin under the tab's strip, and its button say whether it is open. */
function place() {
  for (const button of queryAll(document, ".open-sheet")) {
    const { tab, sheet, label } = partsOf(button);
    button.setAttribute("aria-expanded", String(isOpen(label)));
    const strip = tab?.querySelector(".toolbar");
    if (sheet && strip) sheet.style.setProperty("--sheet-top", `${Math.max(0, Math.round(strip.getBoundingClientRect().bottom + 6))}px`);
  }
}

/** @param {Element} button */
function toggle(button) {
  const { sheet, label } = partsOf(button);
  if (!sheet || !label) return;
  const opens = !isOpen(label), wide = matchMedia(WIDE).matches;
  if (opens || wide) label.click();
  if (!wide) sheet.scrollIntoView({ behavior: reducedMotion() ? "auto" : "smooth" });
  if (opens) label.focus({ preventScroll: true });
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.key !== "Escape" || event.defaultPrevented || !matchMedia(WIDE).matches) return;
  const button = [...queryAll(document, ".open-sheet")].find((each) => each.offsetParent && isOpen(partsOf(each).label));
  if (!button) return;
  event.preventDefault();
  partsOf(button).label?.click();
  button.focus();
}

/** Listen to the buttons, the key and what moves the strip; once. */
export function watchSheets() {
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest(".open-sheet") : null;
    if (button) toggle(button);
    if (button || (target instanceof Element && target.closest(".sheet > .label-wrap"))) requestAnimationFrame(place);
  });
  document.addEventListener("keydown", onKey);
  addEventListener("scroll", place, { passive: true });
  addEventListener("resize", place);
}
