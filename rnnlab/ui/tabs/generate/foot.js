// @ts-check
// The foot of the song, under the bars of the next character: the scale of its shades, and how much of it is copied.

import { showFormulas } from "../../frontend/lib/formulas.js";
import { followLanguage, roles } from "../../frontend/lib/page.js";
import { meterParts } from "./copied.js";
import { softmaxOf } from "./next_bars.js";
import { songFoot, songPanel } from "./song_links.js";

/** @import { Copied, NextBars, PanelContext, Words } from "../../frontend/types.d.ts" */

/** @param {PanelContext<null>} context */
export function attach({ element }) {
  const meter = roles(element)("meter");
  showFormulas(element);
  /** @type {Words} */
  let words = {};
  /** @param {Copied | null | undefined} copied */
  songFoot.show = (copied) => {
    const parts = meterParts(copied, words);
    meter.replaceChildren(...parts);
    meter.hidden = !parts.length;
  };
  /** @type {[NextBars, string] | null} */
  let place = null;
  songFoot.explain = (...now) => {
    place = now;
    element.querySelector("[data-number=softmax]").textContent = softmaxOf(...now, words);
  };
  followLanguage(element, "generate", (known) => {
    words = known;
    songFoot.show(songPanel.song()?.copied);
    if (place) songFoot.explain(...place);
  });
}
