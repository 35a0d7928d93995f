// @ts-check
// What a screen reader says: one live region for the page, in the visitor's language.

import { make } from "./page.js";

/** @type {HTMLElement | null} */
let region = null;

/** @returns {HTMLElement} the region; assistive technology must know it before it has words */
function theRegion() {
  if (region?.isConnected) return region;
  region = make("div", "spoken");
  region.id = "rnnlab-says";
  region.setAttribute("role", "status");
  document.body.append(region);
  return region;
}

/** Say a sentence; the newest one wins where several come at once. @param {string} text */
export function say(text) {
  const node = theRegion();
  requestAnimationFrame(() => { node.textContent = text; });
}
