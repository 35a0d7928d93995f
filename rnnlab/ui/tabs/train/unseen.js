// @ts-check
// The two switches over the curve: "…and on songs it has never seen?" shows the lines of held-out text and says who is
// ahead there, the other one shows the n-grams beside the 5-gram. Both stay over a reload.

import { addArrows, traceOf } from "../../frontend/lib/bounds.js";
import { extend } from "../../frontend/lib/figures.js";
import { number } from "../../frontend/lib/numbers.js";
import { joinSentences } from "../../frontend/lib/page.js";
import { recall, remember } from "../../frontend/lib/storage.js";
import { fill } from "../../frontend/lib/text.js";
import { verdict } from "./verdict.js";

/** @import { EpochRow, Plot, Trace, TrainPayload, Words } from "../../frontend/types.d.ts" */

const STORED = "rnnlab_train_lines";
const GRAMS = ["unigram", "ngram2", "ngram3", "ngram4", "ngram5", "ngram6", "ngram7"];
const SWITCHES = /** @type {const} */ (["unseen", "more"]);
const TEXT_OF_ONES_OWN = "own"; // the form's name for it

export class Unseen {
  /** @param {Record<string, any>} parts elements of the panel by role */
  constructor(parts) {
    this.parts = parts;
    /** @type {{ unseen: boolean, more: boolean }} */
    this.shown = { unseen: false, more: false, ...recall(STORED) };
    for (const name of SWITCHES) parts[name].addEventListener("click", () => this.#press(name));
    this.#mark();
  }

  /** @param {"unseen" | "more"} name */
  async #press(name) {
    this.shown[name] = !this.shown[name];
    remember(STORED, this.shown);
    this.#mark();
    const plot = /** @type {Plot} */ (this.parts.plot);
    if (plot.data) await extend(plot, {}, (data) => this.apply(data, plot.layout));
  }

  #mark() {
    for (const name of SWITCHES) this.parts[name].setAttribute("aria-pressed", String(Boolean(this.shown[name])));
    this.parts.verdict.hidden = this.parts.held_out_number.hidden = !this.shown.unseen;
  }

  /**
   * Show and hide the lines of a figure.
   * @param {Trace[]} data
   * @param {Record<string, any>} layout
   */
  apply(data, { meta }) {
    for (const trace of data) {
      const { unseen, more } = trace.meta ?? {};
      if (trace.meta) trace.visible = (this.shown.unseen || !unseen) && (this.shown.more || !more);
    }
    addArrows(data, meta);
  }

  /** @param {TrainPayload} run @param {Words} words */
  begin(run, words) {
    this.words = words;
    this.parts.unseen.textContent = words[run.settings.corpus === TEXT_OF_ONES_OWN ? "unseen.ask_text" : "unseen.ask"];
    this.parts.more.textContent = words["unseen.more"];
    this.parts.more.hidden = !run.figure.data.some(({ uid, x }) => uid === "ngram2" && x?.length);
  }

  /**
   * Say who is ahead, from what is drawn.
   * @param {Trace[]} data
   * @param {EpochRow | null} row the last epoch
   * @param {number | null} uniform
   */
  judge(data, row, uniform) {
    const line = traceOf(data, "held_out"), drawn = /** @type {(number | null)[]} */ ([...(line?.y ?? [])]);
    const least = Math.min(...drawn.map((value) => value ?? Infinity)), at = drawn.indexOf(least);
    const sentences = verdict({
      hasHeldOut: line?.meta?.exists !== false,
      training: row ? row.perplexity ?? Infinity : null,
      heldOut: row ? row.held_out_perplexity ?? Infinity : null,
      best: at < 0 ? null : { epoch: line.x[at], value: least },
      epoch: row?.epoch ?? 0,
      uniform,
      grams: GRAMS.map((name) => ({ name: traceOf(data, name)?.name ?? name, value: traceOf(data, `${name}_held_out`)?.y?.[0] ?? null })),
    });
    const text = joinSentences(sentences.map(([key, values]) => fill(this.words[`unseen.${key}`], Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, name === "n" || typeof value === "string" ? value : number(value, 4)]),
    ))));
    this.parts.verdict.textContent = text;
    this.parts.unseen.setAttribute("aria-description", text);
  }
}
