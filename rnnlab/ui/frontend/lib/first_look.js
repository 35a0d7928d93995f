// @ts-check
// On a phone the picture of a tab stands below the strip of controls, and often below the screen. When the main button
// is pressed, it is scrolled into view, so that one sees what happens.

import { queryAll, reducedMotion } from "./page.js";

const NARROW = "(max-width: 899px)";
const SEEN = 0.35; // of the screen's height: a picture that begins above it is seen

/** @param {Element} button @returns {HTMLElement | undefined} what the tab of a main button shows first below its strip */
function pictureOf(button) {
  const strip = button.closest(".toolbar"), tab = button.closest("[role=tabpanel]");
  if (!strip || !tab) return undefined;
  const isBelow = (/** @type {HTMLElement} */ node) => Boolean(node.offsetParent && strip.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING);
  return [...queryAll(tab, ".titles, .plot, .lyrics, .panel")].find(isBelow);
}

/** Listen to the main buttons; once. */
export function watchMainButtons() {
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest(".toolbar > button.primary") : null;
    const picture = button && matchMedia(NARROW).matches ? pictureOf(button) : undefined;
    if (picture && picture.getBoundingClientRect().top > SEEN * innerHeight) {
      picture.scrollIntoView({ block: "start", behavior: reducedMotion() ? "auto" : "smooth" });
    }
  });
}
