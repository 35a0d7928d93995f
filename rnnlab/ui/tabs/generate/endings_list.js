// @ts-check
// The list of a song's endings, and lists of buttons that are drawn anew without losing the focus.

import { whole } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill, visible } from "../../frontend/lib/text.js";
import { choicesOf } from "./branches.js";

/** @import { Tree } from "./branches.js" */
/** @import { Words } from "../../frontend/types.d.ts" */

const SNIPPET = 20; // tokens of an ending

/** A line for each ending, none while there is only one. @param {Tree} tree @param {Words} words */
export const endingNodes = (tree, words) => (tree.endings.length < 2 ? [] : tree.endings.map(({ id, parent, from, token }, i) => {
  const path = choicesOf(tree, id), at = parent === null ? 0 : from;
  const [first, ...rest] = path.slice(at, at + SNIPPET).map(([text]) => text.replaceAll("\n", "↵"));
  const where = parent === null ? words.as_drawn : fill(words.from, { n: whole(from + 1) });
  const text = make("bdi", "snippet", make(parent === null ? "span" : "b", "", first ?? visible(token)), `${rest.join("")}…`);
  const button = make("button", "", make("b", "", String(i + 1)), make("span", "where", where), text);
  button.type = "button";
  button.dataset.ending = String(id);
  if (id === tree.current) button.setAttribute("aria-current", "true");
  return make("li", "", button);
}));

/**
 * Draw a list of buttons anew; the button that had the focus has it again, or the panel where it is gone.
 * @param {HTMLElement} list
 * @param {HTMLElement} panel
 * @param {string} name of the data that tells one button from another
 * @param {Node[]} nodes
 */
export function keepFocus(list, panel, name, nodes) {
  const active = document.activeElement, known = active instanceof HTMLElement && list.contains(active) ? active.dataset[name] : undefined;
  list.replaceChildren(...nodes);
  if (known === undefined) return;
  const again = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("button"))].find((each) => each.dataset[name] === known);
  (again ?? panel).focus({ preventScroll: true });
}
