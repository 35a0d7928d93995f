// @ts-check
// The box beside a chosen token: what stands in it of the tokens that were expected there, and where it is put.

import { percent, whole } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill, visible } from "../../frontend/lib/text.js";

/** @import { ExpectedValue, Words } from "../../frontend/types.d.ts" */

/** @param {ExpectedValue} found @param {number} epoch of the text that is shown @param {Words} words */
export function expectedNodes(found, epoch, words) {
  const list = make("ol");
  for (const [token, probability] of found.likeliest) {
    const bar = make("div", "bar");
    bar.style.width = `${Math.max(1, probability * 90)}px`;
    list.append(make("li", token === found.token ? "actual" : "", make("span", "token", visible(token)), make("span", "", bar), make("span", "share", percent(probability))));
  }
  const of = found.epoch === epoch ? [] : [make("p", "", fill(words.of_epoch, { n: whole(found.epoch) }))];
  return [make("p", "", words.instead), list, ...of];
}

const QUIET = [404, 409]; // of what is not there, and of what a newer question has ended

/**
 * What the box says where the server did not tell what was expected.
 * @param {{ status: number, body: any }} answer 404: no weights are kept, so there are the bits alone
 * @param {Words} words
 * @returns {string}
 */
export const noExpected = ({ status, body }, words) => (QUIET.includes(status) ? "" : body?.message ?? words.lost_expected) ?? "";

/** Put the box under a token, or over it where it would leave the page; hide it where the token is out of its frame. */
/** @param {HTMLElement} box @param {HTMLElement | undefined} node @param {HTMLElement | undefined} frame */
export function placeBox(box, node, frame) {
  box.hidden = !node;
  if (!node) return;
  const at = node.getBoundingClientRect(), around = frame.getBoundingClientRect();
  box.hidden = at.bottom < around.top || at.top > around.bottom;
  const own = box.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(innerWidth - own.width - 8, at.left))}px`;
  box.style.top = `${at.bottom + own.height + 12 > innerHeight ? Math.max(8, at.top - own.height - 8) : at.bottom + 8}px`;
}
