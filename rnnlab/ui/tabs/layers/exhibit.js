// @ts-check
// What the panels of the Layers tab share.

import { mark } from "../../frontend/lib/fields.js";
import { followLanguage, make, showRefusal } from "../../frontend/lib/page.js";

/** @import { PanelContext, Words } from "../../frontend/types.d.ts" */

/** @param {string} text an operator between two matrices */
export const sign = (text) => make("span", "sign", text);

/**
 * Draw a panel's value now and at each change of it or of the language. A refused setting keeps the old picture, dimmed.
 * @param {PanelContext<any>} context
 * @param {string} selector of the element that a refusal dims
 * @param {(value: any, words: Words) => void} draw
 * @param {(words: Words) => void} drawEmpty draws the panel while it has no value
 */
export function followValue({ element, props, watch }, selector, draw, drawEmpty = () => {}) {
  let value = props.value;
  /** @type {Words | null} */
  let words = null;
  const redraw = () => {
    if (!words) return;
    if (value) draw(value, words);
    else drawEmpty(words);
  };
  watch("value", () => {
    if (showRefusal(element.querySelector(selector), props.value, words?.kept, mark)) return;
    value = props.value;
    redraw();
  });
  followLanguage(element, "layers", (known) => { words = known; redraw(); });
}
