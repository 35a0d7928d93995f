// @ts-check
// The song of the undamaged network, in which one chooses the place from which on the operations hold, and beside it
// the song with them: the same up to that place, with the first difference marked.

import { whole } from "../../frontend/lib/numbers.js";
import { joinSentences } from "../../frontend/lib/page.js";
import { fill, languageOfScript } from "../../frontend/lib/text.js";
import { Strip, setInLines } from "./strip.js";

/** @import { SurgerySongs, Words } from "../../frontend/types.d.ts" */

const SETTLED = 150; // milliseconds that the cursor rests before its place is taken

export class OperatedSongs {
  /** @type {SurgerySongs | null} */
  song = null;
  /** @type {number | null} of the song's tokens; the server's choice until one is chosen */
  place = null;
  isDrawing = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer;

  /**
   * @param {(name: string) => any} role
   * @param {() => void} then called when another place was chosen
   */
  constructor(role, then) {
    this.role = role;
    this.strip = new Strip(role("before"), { selects: false });
    this.strip.listen({ cursor: (at) => {
      if (this.isDrawing) return;
      this.place = at - this.strip.least;
      clearTimeout(this.timer);
      this.timer = setTimeout(then, SETTLED);
    } });
  }

  /** @param {SurgerySongs} song @param {Words} words @param {boolean} hasWords the tokens are words */
  draw(song, words, hasWords) {
    const { prefix, before, after, start, departs } = song, begin = prefix ? [prefix] : [], { strip, role } = this;
    this.isDrawing = true;
    this.song = song;
    strip.draw([...begin, ...before], begin.length);
    if (prefix) strip.nodes[0].classList.add("prefix");
    if (this.place === null || this.place === start) strip.go(begin.length + start);
    this.isDrawing = false;
    const { nodes, lines } = setInLines([...begin, ...after]), operated = role("operated");
    nodes.forEach((node, k) => node.classList.add(k < begin.length ? "prefix" : k < begin.length + (departs ?? after.length) ? "same" : "other"));
    nodes[begin.length + start].classList.add("start");
    if (departs !== null) nodes[begin.length + departs].classList.add("departs");
    operated.lang = languageOfScript([prefix, ...after].join(""));
    operated.replaceChildren(...lines);
    const suffix = hasWords ? "_word" : "";
    role("departs").textContent = joinSentences([
      fill(words[`from${suffix}`], { place: whole(start + 1) }),
      departs === null ? words.same : fill(words[`departs${suffix}`], { place: whole(departs + 1) }),
    ]);
    role("choose").textContent = words[`choose${suffix}`] ?? "";
  }
}
