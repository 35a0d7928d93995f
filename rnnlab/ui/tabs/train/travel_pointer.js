// @ts-check
// Dragging on the curve moves the handle that is nearer. A finger that moves up or down scrolls the page.

import { travel } from "./time_travel.js";

/** @import { Axis, Plot } from "../../frontend/types.d.ts" */

const SLOP = 8; // px that a finger moves before it is clear which way

/**
 * The epoch under a place.
 * @param {Pick<Axis, "range" | "_length" | "_offset">} axis
 * @param {number} x px from the plot's left edge
 */
export const epochUnder = ({ range: [from, to], _length: width, _offset: left }, x) =>
  Math.round(from + ((x - left) / width) * (to - from));

/**
 * Whether the second handle is nearer than the first.
 * @param {number} epoch under the pointer
 * @param {{ epoch: number, other: number | null }} handles
 */
export const isOtherNearer = (epoch, handles) =>
  handles.other !== null && Math.abs(handles.other - epoch) < Math.abs(handles.epoch - epoch);

/**
 * @param {HTMLElement} stage the curve and what is under it
 * @param {Plot} plot
 */
export function followPointer(stage, plot) {
  /** @type {{ x: number, y: number, isOther: boolean, moves: boolean } | null} */
  let drag = null;
  const epochAt = (/** @type {PointerEvent} */ event) => epochUnder(plot._fullLayout.xaxis, event.clientX - plot.getBoundingClientRect().left);
  const go = (/** @type {PointerEvent} */ event) => (drag.isOther ? travel.goOther(epochAt(event)) : travel.go(epochAt(event)));

  /** @param {PointerEvent} event */
  function start(event) {
    const isPlace = event.target instanceof Element && event.target.closest(".nsewdrag, .strip");
    if (!isPlace || event.button || !event.isPrimary || plot._fullLayout?.dragmode || !travel.now) return;
    const isTouch = event.pointerType === "touch";
    drag = { x: event.clientX, y: event.clientY, isOther: isOtherNearer(epochAt(event), travel), moves: !isTouch };
    for (const [name, then] of Object.entries(LISTENERS)) addEventListener(name, then);
    plot.focus({ preventScroll: true, focusVisible: false });
    if (!isTouch) go(event);
  }
  /** @param {PointerEvent} event */
  function move(event) {
    const [dx, dy] = [Math.abs(event.clientX - drag.x), Math.abs(event.clientY - drag.y)];
    drag.moves ||= dx > SLOP && dx > dy;
    if (drag.moves) go(event);
  }
  /** @param {PointerEvent} event */
  function end(event) {
    const isTap = !drag.moves && Math.abs(event.clientX - drag.x) <= SLOP && Math.abs(event.clientY - drag.y) <= SLOP;
    if (event.type === "pointerup" && isTap) go(event);
    for (const [name, then] of Object.entries(LISTENERS)) removeEventListener(name, then);
    drag = null;
  }
  const LISTENERS = /** @type {Record<string, (event: any) => void>} */ ({ pointermove: move, pointerup: end, pointercancel: end });
  stage.addEventListener("pointerdown", start, true);
}
