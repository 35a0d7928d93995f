// @ts-check
// Dropout between layers: the numbers of the layer below, the mask, and what the layer above gets. The panel is on the
// page once, so its state is the module's.

import { heatmap } from "../../frontend/lib/heatmap.js";
import { make, roles } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";
import { followValue, sign } from "./exhibit.js";

/** @import { DropoutValue, PanelContext, Words } from "../../frontend/types.d.ts" */

/** @type {ReturnType<typeof roles>} */
let role;

/** @param {DropoutValue} value @param {Words} words */
function draw(value, words) {
  const columns = value.units.map((unit) => (unit < value.hidden_size ? `${unit}` : `${unit} ←`));
  role("boundaries").replaceChildren(...value.boundaries.map(({ below, mask, above }, layer) => {
    const rows = below.map((_, t) => `t = ${t + 1}`);
    const limit = Math.max(...above.flat().map(Math.abs), 1e-9);
    /** @param {number[][]} values @param {string} caption @param {object} options */
    const table = (values, caption, options) => heatmap({ values, rows, columns, caption: fill(words[caption], { layer, above: layer + 1 }), digits: 2, ...options });
    return make("div", "sum",
      table(below, "dropout.below", { limit }), sign("⊙"), table(mask, "dropout.mask", { scale: "probability", digits: 2 }), sign("="),
      table(above, "dropout.above", { limit }));
  }));
  role("code").textContent = value.lines.join("\n");
  for (const name of /** @type {const} */ (["zeroed", "difference", "evaluated"])) role(name).textContent = value[name];
  role("none").hidden = value.boundaries.length > 0 && value.rate > 0;
  role("none").textContent = words[value.boundaries.length ? "dropout.none" : "dropout.one_layer"] ?? "";
  role("shown").textContent = value.boundaries.length ? fill(words["dropout.shown"], { rows: value.rows, units: columns.join(", "), layers: value.layers - 1, boundaries: value.boundaries.length }) : "";
}

/** @param {PanelContext<any>} context */
export function attach(context) {
  role = roles(context.element);
  followValue(context, ".exhibit", draw, (known) => role("boundaries").replaceChildren(make("p", "", known["gradients.wait"])));
}
