// @ts-check
// The ruler over the columns: a handle for each column's temperature, which is dragged or moved by the arrow keys. A handle
// never passes the one beside it, so the columns stay in their order.

import { number } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { Words } from "../../frontend/types.d.ts" */

export const LONGEST = 1.6; // where the ruler ends, unless a column is hotter
const STEP = 0.05, LEAP = 0.2, TICK = 0.4;
/** @type {Record<string, number>} */
const KEYS = { ArrowRight: STEP, ArrowUp: STEP, ArrowLeft: -STEP, ArrowDown: -STEP, PageUp: LEAP, PageDown: -LEAP, Home: -Infinity, End: Infinity };

/** @param {number[]} temperatures */
export const endOf = (temperatures) => Math.max(LONGEST, ...temperatures);

/**
 * Return where a handle comes to stand: at a multiple of the step, between its neighbours.
 * @param {number[]} temperatures
 * @param {number} index of the handle
 * @param {number} wanted
 * @param {number} end of the ruler
 */
export function placed(temperatures, index, wanted, end) {
  const low = temperatures[index - 1] ?? 0, high = temperatures[index + 1] ?? end;
  const rounded = Number.isFinite(wanted) ? Math.round(wanted / STEP) * STEP : wanted;
  return Number(Math.max(low, Math.min(high, rounded)).toFixed(4));
}

/**
 * Return the first place where a text differs from the one before it; null if there is none.
 * @param {string | undefined} before
 * @param {string} text
 */
export function departure(before, text) {
  if (before === undefined) return null;
  const left = [...before], right = [...text], place = right.findIndex((character, at) => character !== left[at]);
  return place < 0 ? null : place;
}

/**
 * Make the ruler.
 * @param {HTMLElement} host
 * @param {(index: number, temperature: number) => void} move
 */
export function ruler(host, move) {
  /** @type {number[]} */
  let temperatures = [];
  let end = LONGEST, dragged = -1;
  const track = make("div", "track"), scale = make("div", "scale");
  host.replaceChildren(track);
  /** @param {EventTarget | null} target */
  const indexOf = (target) => (target instanceof HTMLElement && target.dataset.handle ? Number(target.dataset.handle) : -1);
  /** @param {number} index @param {number} wanted */
  const to = (index, wanted) => {
    const temperature = placed(temperatures, index, wanted, end);
    if (temperature !== temperatures[index]) move(index, temperature);
  };
  track.addEventListener("pointerdown", (event) => {
    dragged = indexOf(event.target);
    if (dragged < 0) return;
    track.setPointerCapture(event.pointerId);
    /** @type {HTMLElement} */ (event.target).focus();
    event.preventDefault();
  });
  track.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = track.getBoundingClientRect();
    if (dragged >= 0) to(dragged, ((clientX - left) / width) * end);
  });
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) track.addEventListener(kind, () => { dragged = -1; });
  track.addEventListener("keydown", (event) => {
    const index = indexOf(event.target), by = KEYS[event.key];
    if (index < 0 || by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    to(index, temperatures[index] + by);
  });
  return {
    /** @param {number[]} shown @param {Words} words */
    show(shown, words) {
      if (dragged < 0) end = endOf(shown);
      temperatures = shown;
      if (track.querySelectorAll(".handle").length !== shown.length) track.replaceChildren(scale, ...shown.map((_, index) => handle(index)));
      if (dragged < 0) scale.replaceChildren(...ticks(end)); // a dragged handle stays under the pointer
      track.querySelectorAll(".handle").forEach((node, index) => {
        const element = /** @type {HTMLElement} */ (node), said = number(shown[index]);
        element.style.insetInlineStart = `${(100 * shown[index]) / end}%`;
        const facts = { "aria-label": fill(words["beside.handle"], { n: index + 1 }), "aria-valuemin": shown[index - 1] ?? 0, "aria-valuemax": shown[index + 1] ?? end, "aria-valuenow": shown[index], "aria-valuetext": said };
        for (const [name, value] of Object.entries(facts)) element.setAttribute(name, String(value));
      });
    },
  };
}

/** @param {number} end */
const ticks = (end) => Array.from({ length: Math.floor(end / TICK + 1e-9) + 1 }, (_, at) => {
  const tick = make("span", "tick", number(at * TICK));
  tick.style.insetInlineStart = `${(100 * at * TICK) / end}%`;
  return tick;
});

/** @param {number} index */
function handle(index) {
  const node = make("span", "handle", index + 1);
  node.tabIndex = 0;
  node.setAttribute("role", "slider");
  node.dataset.handle = String(index);
  return node;
}
