// @ts-check
// An embedding's lookup beside one-hot × W, and what padding_idx does. The panel is on the page once, so its state is the
// module's.

import { heatmap } from "../../frontend/lib/heatmap.js";
import { make, queryAll, roles } from "../../frontend/lib/page.js";
import { followValue, sign } from "./exhibit.js";

/** @import { LookupValue, PanelContext, Words } from "../../frontend/types.d.ts" */

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Words} */
let words = {};
/** @type {LookupValue} */
let value;
let chosen = 0;

/** @param {...number} sizes */
const shape = (...sizes) => `(${sizes.join(", ")})`;

/** @param {LookupValue} given @param {Words} known */
function draw(given, known) {
  [value, words] = [given, known];
  const [rows, steps, embeddings, size] = [value.ids.length, value.ids[0].length, value.weight.length, value.weight[0].length];
  const ids = value.ids.flat(), numbers = value.weight.map((_, id) => `${id}`);
  role("ids").replaceChildren(make("span", "label", `${words["lookup.ids"]} ${shape(rows, steps)}`), ...ids.map((id, place) => {
    const button = Object.assign(make("button", "", id), { type: "button" });
    if (place && place % steps === 0) button.className = "next-row";
    button.addEventListener("click", () => choose(place));
    return button;
  }));
  const flat = (/** @type {number[][][]} */ tensor) => tensor.flat();
  const table = (/** @type {number[][]} */ values, /** @type {string} */ caption, /** @type {Partial<import("../../frontend/lib/heatmap.js").HeatmapOptions>} */ options) => heatmap({ values, caption, rows: ids.map(String), limit: 2.5, ...options });
  role("tables").replaceChildren(
    table(flat(value.one_hot), "one_hot(ids)", { shape: shape(rows, steps, embeddings), scale: "probability", columns: numbers, limit: 1 }), sign("×"),
    table(value.weight, "W", { shape: shape(embeddings, size), rows: numbers }), sign("="),
    table(flat(value.product), words["lookup.by_product"], { shape: shape(rows, steps, size) }), sign("="),
    table(flat(value.rows), "embedding(ids)", { shape: shape(rows, steps, size) }),
  );
  role("sizes").textContent = words["lookup.fits"] ?? "";
  role("difference").textContent = value.difference;
  drawPadding(numbers, size);
  choose(Math.min(chosen, ids.length - 1));
}

/** @param {string[]} numbers @param {number} size */
function drawPadding(numbers, size) {
  const { ids, weight, rows, gradient, gradient_without: without } = value.padding;
  const all = shape(numbers.length, size);
  role("padding").replaceChildren(
    heatmap({ values: weight, rows: numbers, caption: "W", shape: all, limit: 2.5, lit: { row: 0 } }),
    heatmap({ values: rows[0], rows: ids[0].map(String), caption: words["lookup.looked_up"], shape: shape(1, ids[0].length, size), limit: 2.5 }),
    heatmap({ values: without, rows: numbers, caption: words["lookup.without"], shape: all, scale: "probability", limit: 2, lit: { row: 0 } }),
    heatmap({ values: gradient, rows: numbers, caption: words["lookup.with"], shape: all, scale: "probability", limit: 2, lit: { row: 0 } }),
  );
}

// Light up one id: its button, its row on both sides, and row id of W.
/** @param {number} place */
function choose(place) {
  chosen = place;
  const id = value.ids.flat()[place];
  queryAll(role("ids"), "button").forEach((button, i) => button.setAttribute("aria-pressed", String(i === place)));
  queryAll(role("tables"), "table").forEach((table, which) => {
    const row = which === 1 ? id : place;
    for (const cell of queryAll(table, "tbody td")) {
      cell.classList.toggle("lit", Number(cell.dataset.row) === row && (which !== 0 || Number(cell.dataset.column) === id));
    }
    table.querySelectorAll("tbody th").forEach((head, i) => head.classList.toggle("lit", i === row));
  });
}

/** @param {PanelContext<any>} context */
export function attach(context) {
  role = roles(context.element);
  followValue(context, ".exhibit", draw);
}
