// @ts-check
// One element at a time beside all at once; the matrices are (shown steps, shown units) of the first sequence. The panel
// is on the page once, so its state is the module's.

import { heatmap } from "../../frontend/lib/heatmap.js";
import { make, queryAll, roles } from "../../frontend/lib/page.js";
import { player } from "../../frontend/lib/player.js";
import { fill } from "../../frontend/lib/text.js";
import { followValue } from "./exhibit.js";

/** @import { PanelContext, SteppingValue, Words } from "../../frontend/types.d.ts" */

/** @type {HTMLElement} */
let panel;
/** @type {ReturnType<typeof roles>} */
let role;
/** @type {SteppingValue} */
let value;
/** @type {ReturnType<typeof player> | null} */
let slider = null;

/** @param {SteppingValue} given @param {Words} words */
function draw(given, words) {
  value = given;
  const rows = value.whole.map((_, t) => `t = ${t + 1}`);
  const columns = value.units.map((unit) => (unit < value.hidden_size ? `${unit}` : `${unit} ←`));
  const limit = Math.max(...[...value.whole, ...value.stepped].flat().map(Math.abs));
  /** @param {"whole" | "stepped" | "gap"} name @param {object} options */
  const table = (name, options) => role(name).replaceChildren(heatmap({ values: value[name], rows, columns, caption: words[`stepping.${name}`], digits: 4, ...options }));
  table("whole", { limit });
  table("stepped", { limit });
  table("gap", { limit: value.steppable ? 1e-3 : undefined, digits: value.steppable ? 7 : 4 });
  for (const name of ["whole", "stepped", "gap"]) role(name).setAttribute("aria-label", words[`stepping.${name}`] ?? "");
  const [state, next, element_t] = [value.state, value.model, value.axis ? "input[:, t:t+1]" : "input[t:t+1]"];
  role("at_once").textContent = `output, ${state} = ${next}(input, ${state})`;
  role("one_by_one").textContent = `for t in range(${value.steps}):\n    output, ${state} = ${next}(${element_t}, ${state})`;
  role("last").replaceChildren(make("span", "", words["stepping.last"]), ...Object.entries(value.last).map(([name, numbers]) =>
    make("span", "", make("span", "name", name), heatmap({ values: [numbers], digits: 4, limit }))));
  role("difference").textContent = value.difference;
  role("other").textContent = value.other_difference ?? "";
  role("other").parentElement.hidden = value.other_difference === null; // torch.nn has no such layer
  role("cannot").hidden = value.steppable || value.steps === 1; // of a single step both directions see all
  /** @type {HTMLElement} */ (panel.querySelector("[data-word='stepping.reading']")).hidden = !role("cannot").hidden;
  role("cannot").textContent = words["stepping.cannot"] ?? "";
  role("shown").textContent = fill(words["stepping.shown"], { rows: value.rows, units: columns.join(", "), first: rows.length, steps: value.steps });
  const labels = { label: words["stepping.step"], play: words["stepping.play"], pause: words["stepping.pause"] };
  slider ??= player(role("feed"), { ...labels, perSecond: 1.5, presenter: true, show: feed, text: (fed) => `${fed} / ${value.whole.length}` });
  slider.words(labels);
  slider.count(rows.length + 1);
  slider.set(rows.length);
}

// The rows that have been fed; the others are still to come.
/** @param {number} fed */
function feed(fed) {
  for (const name of ["stepped", "gap"]) {
    queryAll(role(name), "tbody tr").forEach((row, t) => {
      row.classList.toggle("later", t >= fed);
      row.classList.toggle("now", t === fed - 1 && fed < value.whole.length);
    });
  }
}

/** @param {PanelContext<any>} context */
export function attach(context) {
  [panel, role, slider] = [context.element, roles(context.element), null];
  followValue(context, ".exhibit", draw);
}
