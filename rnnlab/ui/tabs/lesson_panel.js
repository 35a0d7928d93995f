// @ts-check
// The panel of a lesson that has none of its own: the figures as Python made them, the state of the run, and the plain
// numbers and texts of its last row. Several lessons may have it, so each has its own state.

import { draw } from "../frontend/lib/figures.js";
import { showRun } from "../frontend/lib/form.js";
import { number } from "../frontend/lib/numbers.js";
import { make, roles, writeWords } from "../frontend/lib/page.js";
import { followRun } from "../frontend/lib/run_stream.js";
import { fill } from "../frontend/lib/text.js";

/** @import { LessonPayload, PanelContext, RunNews, Words } from "../frontend/types.d.ts" */

/** @param {string} name @param {unknown} value @param {Words} words */
const lineOf = (name, value, words) =>
  make("tr", "", make("th", "", words[name] ?? name), make("td", "", typeof value === "number" ? number(value) : String(value)));

/** @param {PanelContext<string>} context */
export function attach({ element, props, watch, trigger }) {
  const role = roles(element);
  const lesson = element.closest(".block[id]")?.id ?? element.id; // the panel is named as its lesson
  /** @type {Words} */
  let words = {};

  /** @param {RunNews} news */
  function show(news) {
    role("state").textContent = news.problem ?? fill(words[`state.${news.state}`], { ...news });
    const row = news.rows.at(-1);
    if (!row) return;
    const plain = Object.entries(row).filter(([, value]) => typeof value !== "object");
    role("numbers").replaceChildren(...plain.map(([name, value]) => lineOf(name, value, words)));
  }

  /** @param {LessonPayload} payload @param {string} reference */
  async function picture(payload, reference) {
    words = payload.words;
    writeWords(element, words);
    showRun(lesson, payload.settings, reference, props.value, trigger);
    role("figures").replaceChildren();
    for (const [name, figure] of Object.entries(payload.figures)) {
      const plot = /** @type {any} */ (make("div"));
      plot.dataset.figure = name;
      role("figures").append(plot);
      await draw(plot, figure, payload.dark_colors);
    }
    show(payload);
  }

  const follow = followRun(element, {
    picture,
    news: show,
    lost: () => { role("state").textContent = words["state.lost"]; },
    gone: () => { role("state").textContent = words["state.gone"]; },
  }, `lessons/${lesson}`);
  watch("value", () => follow(props.value));
  follow(props.value);
}
