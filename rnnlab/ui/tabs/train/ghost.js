// @ts-check
// The curve of the run that was drawn before stays, pale, behind the one that comes; not that of another vocabulary,
// whose perplexities say something else.

import { traceOf } from "../../frontend/lib/bounds.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { Figure, LineEnd, Plot, TrainPayload, Words } from "../../frontend/types.d.ts" */

export class Ghost {
  /** @type {{ reference: string, model: string, uniform: number | null, end: LineEnd, x: any[], y: any[], line: any } | null} */
  #kept = null;

  /** @returns {string} the reference of the kept run; "" before there is one */
  get reference() {
    return this.#kept?.reference ?? "";
  }

  /**
   * Keep the curve that a plot shows.
   * @param {Plot} plot
   * @param {TrainPayload} run
   * @param {string} reference
   */
  keep(plot, { model, uniform }, reference) {
    const curve = traceOf(plot.data, "training");
    if (!curve?.x?.length) return;
    this.#kept = { reference, model, uniform, end: plot.layout.meta.ends.training, x: [...curve.x], y: [...curve.y], line: { ...curve.line } };
  }

  /**
   * Add the kept curve to a figure.
   * @param {Figure} figure
   * @param {TrainPayload} run that the figure is of
   * @param {Words} words
   * @returns {Figure}
   */
  behind(figure, run, words) {
    const kept = this.#kept;
    if (!kept || (run.uniform && run.uniform !== kept.uniform)) return figure;
    const look = { x: kept.x, y: kept.y, line: kept.line, name: fill(words.before, { run: kept.model }) };
    const ends = { ...figure.layout.meta.ends, ghost: { ...kept.end, text: "", minor: true } };
    return {
      data: figure.data.map((each) => (each.uid === "ghost" ? { ...each, ...look } : each)),
      layout: { ...figure.layout, meta: { ...figure.layout.meta, ends } },
    };
  }
}
