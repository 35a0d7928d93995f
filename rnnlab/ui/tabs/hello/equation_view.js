// @ts-check
// The tutorial's cell, whose h_t is the scores: the equation in numbers, and the sum behind the component pointed at.

import { queryAll } from "../../frontend/lib/page.js";
import { componentAt, drawEquation, fit, markComponent, writeSum } from "./equation.js";

/** @import { Moment } from "./moment.js" */

/**
 * @param {Record<string, HTMLElement>} parts the panel's elements by role
 */
export function equationView(parts) {
  const { equation, sum, colours } = parts;
  /** @type {Moment | null} */
  let now = null;
  /** @type {number | null} the component of h_t under the pointer */
  let pointed = null;
  /** @type {number | null} the component of h_t that has the focus */
  let chosen = null;

  // One component of h_t, and the sum that made it.
  function showComponent() {
    const { row, step, t, started } = now, i = pointed ?? chosen ?? step.predicted;
    markComponent(equation, i);
    writeSum(sum, row, step, i, { vocabulary: [...started.vocabulary], t: t + 1 });
  }

  /** @param {Moment} moment */
  function show(moment) {
    const { row, step, started, limit, words } = now = moment;
    const hadFocus = equation.contains(document.activeElement);
    const h_t = drawEquation(equation, row, step, { vocabulary: [...started.vocabulary], limit, words });
    colours.hidden = !equation.classList.contains("colours");
    for (const cell of queryAll(h_t, "tbody td")) {
      cell.tabIndex = Number(cell.dataset.row) === (chosen ?? step.predicted) ? 0 : -1;
      cell.setAttribute("aria-describedby", sum.id);
    }
    if (hadFocus) [...queryAll(h_t, "[tabindex='0']")].at(0)?.focus({ preventScroll: true });
    showComponent();
  }

  /** @param {Event} event */
  function onChoose(event) {
    const component = componentAt(event);
    if (component === null || !now) return;
    chosen = component;
    showComponent();
  }

  /** @param {KeyboardEvent} event */
  function onArrow(event) {
    const by = /** @type {Record<string, number>} */ ({ ArrowUp: -1, ArrowDown: 1 })[event.key], from = componentAt(event);
    if (!by || from === null) return;
    event.preventDefault();
    pointed = null;
    const cells = [...queryAll(equation, "[data-tensor=h_t] tbody td")];
    const next = Math.max(0, Math.min(cells.length - 1, from + by));
    cells.forEach((cell, k) => { cell.tabIndex = k === next ? 0 : -1; });
    cells[next].focus();
  }

  for (const name of ["pointerover", "pointerleave"]) equation.addEventListener(name, (/** @type {Event} */ event) => {
    pointed = name === "pointerover" ? componentAt(event) : null;
    if (now) showComponent();
  });
  for (const name of ["click", "focusin"]) equation.addEventListener(name, onChoose);
  equation.addEventListener("keydown", onArrow);
  return {
    show,
    refit: () => { if (now) colours.hidden = !fit(equation, now.started.vocabulary.length); },
    reset: () => { chosen = null; },
  };
}
