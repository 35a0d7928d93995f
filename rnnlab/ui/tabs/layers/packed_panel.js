// @ts-check
// Sequences of unequal lengths: padded, packed, and each alone. The panel is on the page once, so its state is the
// module's.

import { heatmap } from "../../frontend/lib/heatmap.js";
import { decimal } from "../../frontend/lib/numbers.js";
import { make, roles } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";
import { followValue } from "./exhibit.js";

/** @import { PackedValue, PanelContext, Words } from "../../frontend/types.d.ts" */

const COLOURS = 8;

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Words} */
let words = {};
/** @type {PackedValue} */
let value;

/** @param {string} name @param {string} [scope] */
const heading = (name, scope = "row") => Object.assign(make("th", "", name), { scope });

/** @param {PackedValue} given @param {Words} known */
function draw(given, known) {
  [value, words] = [given, known];
  const [all, width] = [value.lengths.map((_, row) => row), value.padded[0].length];
  const cut = width < value.steps ? " …" : "";
  const padded = grid(`${words["packed.padded"]} (${value.steps}, ${value.sequences}, ${value.input_size})${cut}`, all, (row, step) => decimal(value.padded[row][step], 2));
  const packed = grid(`${words["packed.packed"]} (${value.elements}, ${value.input_size})${cut}`, value.order, (row, step) => String(value.places[row][step] ?? ""));
  for (const cell of packed.querySelectorAll("td.padding")) cell.className = "";
  const foot = packed.createTFoot().insertRow();
  foot.append(heading("batch_sizes"), ...Array.from({ length: width }, (_, step) => make("td", "", value.batch_sizes[step] ?? "")));
  role("grids").replaceChildren(padded, packed);
  role("code").textContent = value.lines.join("\n");
  const columns = value.units.map((unit) => (unit < value.hidden_size ? `${unit}` : `${unit} ←`));
  const rows = value.lengths.map((length, row) => `${row} (t = ${length})`);
  const limit = Math.max(...value.runs.flatMap((run) => run.ends.flat()).map(Math.abs));
  /** @param {number[][]} values @param {string} caption */
  const table = (values, caption) => heatmap({ values, rows, columns, caption, digits: 4, limit });
  const last = value.runs[value.runs.length - 1];
  role("runs").replaceChildren(
    ...value.runs.map((run) => table(run.ends, fill(words["packed.ends"], { name: run.implementation }))),
    table(last.alone, fill(words["packed.alone"], { name: last.implementation })),
  );
  role("differences").replaceChildren(
    ...value.runs.map((run) => difference(run.difference, fill(words["packed.difference"], { name: run.implementation }))),
    ...(value.difference === null ? [] : [difference(value.difference, words["packed.other"])]),
    difference(value.unpacked_difference, words["packed.unpacked"]),
  );
  role("shown").textContent = fill(words["packed.shown"], { shown: all.length, sequences: value.sequences, units: columns.join(", ") });
}

/** @param {string} number @param {string} about */
const difference = (number, about) => make("p", "difference", make("b", "", number), ` ${about}`);

/**
 * Draw the elements of the sequences `order`, a row each, time from left to right.
 * @param {string} caption
 * @param {number[]} order
 * @param {(row: number, step: number) => string} text of an element
 */
function grid(caption, order, text) {
  const table = make("table", "grid"), head = table.createTHead().insertRow(), body = table.createTBody();
  table.createCaption().append(make("b", "", caption));
  head.append(make("td", "", ""), ...value.padded[0].map((_, step) => heading(`t = ${step + 1}`, "col")));
  for (const row of order) {
    const line = body.insertRow();
    line.append(heading(fill(words["packed.sequence"], { row })));
    value.padded[row].forEach((_, step) => {
      const present = step < value.lengths[row], cell = line.insertCell();
      cell.className = present ? `present row${row % COLOURS}` : "padding";
      cell.textContent = text(row, step);
    });
  }
  return table;
}

/** @param {PanelContext<any>} context */
export function attach(context) {
  role = roles(context.element);
  followValue(context, ".exhibit", draw, (known) => role("grids").replaceChildren(make("p", "", known["gradients.wait"])));
}
