// @ts-check
// What max_norm and scale_grad_by_freq of an embedding do to its rows and to their gradient.

import { heatmap } from "../../frontend/lib/heatmap.js";
import { roles } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";
import { followValue, sign } from "./exhibit.js";

/** @import { OptionsValue, PanelContext, Words } from "../../frontend/types.d.ts" */

/** @type {ReturnType<typeof roles>} */
let role;

/** @param {OptionsValue} value @param {Words} words */
function draw(value, words) {
  const rows = value.before.map((_, id) => `${id}`), width = value.before[0].length;
  const columns = [...Array.from({ length: width }, () => " "), `‖·‖${value.norm_type === 2 ? "" : ` p=${value.norm_type}`}`];
  /** @param {number[][]} weight @param {number[]} norms */
  const beside = (weight, norms) => weight.map((row, id) => [...row, norms[id]]);
  const facts = { max_norm: value.max_norm ?? "None", by_freq: value.by_freq ? "True" : "False" };
  /** @param {number[][]} values @param {string} caption @param {object} [options] */
  const table = (values, caption, options = {}) => heatmap({ values, rows, caption: fill(words[caption], facts), limit: 2.5, ...options });
  role("tables").replaceChildren(
    table(beside(value.before, value.norms_before), "options.before", { columns }), sign("→"),
    table(beside(value.after, value.norms_after), "options.after", { columns }),
    table(value.occurrences.map((count) => [count]), "options.count", { scale: "plain", columns: [" "] }),
    table(value.gradient, "options.gradient", { scale: "probability", limit: 2, columns: Array.from({ length: width }, () => " ") }),
  );
}

/** @param {PanelContext<any>} context */
export function attach(context) {
  role = roles(context.element);
  followValue(context, ".exhibit", draw);
}
