// @ts-check
// The song of the undamaged network and that of the operated one, with the first difference marked.

import { whole } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { direction, fill, languageOfScript } from "../../frontend/lib/text.js";

/** @import { SurgerySongs, Words } from "../../frontend/types.d.ts" */

/**
 * @param {(name: string) => HTMLElement} role
 * @param {SurgerySongs} song
 * @param {Words} words
 */
export function drawSongs(role, { prefix, before, after, departs }, words) {
  const letters = [...after], at = departs ?? letters.length;
  const begin = () => make("b", "", prefix);
  write(role("before"), prefix + before, begin(), before);
  const mark = departs === null ? [] : [make("mark", "", letters[at] === "\n" ? "↵\n" : letters[at])];
  write(role("operated"), prefix + after, begin(), make("span", "same", letters.slice(0, at).join("")), ...mark, letters.slice(at + 1).join(""));
  role("departs").textContent = departs === null ? words.same ?? "" : fill(words.departs, { place: whole([...prefix].length + at + 1) });
}

/** @param {HTMLElement} host @param {string} text @param {...(Node | string)} children */
function write(host, text, ...children) {
  host.lang = languageOfScript(text);
  host.dir = direction(text) || "ltr";
  host.replaceChildren(...children);
}
