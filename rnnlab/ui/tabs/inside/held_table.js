// @ts-check
// The table of the gates: a row for each, a column for each value at which it can be held. A cell chooses that value,
// and shows the perplexity that was measured with it.

import { decimal, number } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";
import { along, decadesOf } from "./needle.js";

/** @import { SurgeryValue, Words } from "../../frontend/types.d.ts" */

/** The word of an operation that holds a gate; "" leaves it free. @param {string} gate @param {string} held */
export const wordOf = (gate, held) => (held === "free" ? "" : `${gate}=${held}`);

/**
 * Draw the table.
 * @param {HTMLElement} host
 * @param {SurgeryValue} value
 * @param {{ heldAt: (gate: string) => string, measured: (word: string) => number | null | undefined, words: Words }} how
 */
export function drawTable(host, value, { heldAt, measured, words }) {
  const head = make("tr", "", make("td"), ...value.held.map((held) => make("th", "", words[`held.${held}`] ?? held)));
  const rows = value.gates.map((gate) => {
    const letter = gate.key.split(".")[1], name = fill(words[`gate.${letter}`], {});
    const facts = { layer: gate.layer + 1, mean: decimal(gate.mean) };
    const title = Object.assign(make("th", "", name, make("small", "", fill(value.layers > 1 ? words.mean_of_layer : words.mean, facts))), { scope: "row" });
    const row = make("tr", "", title, ...value.held.map((held) => cell(gate.key, held, name)));
    return row;
  });
  const focused = /** @type {HTMLElement | null} */ (host.contains(document.activeElement) ? document.activeElement : null)?.dataset.cell;
  host.replaceChildren(make("thead", "", head), make("tbody", "", ...rows));
  if (focused) /** @type {HTMLElement | null} */ (host.querySelector(`[data-cell="${focused}"]`))?.focus();

  /** @param {string} gate @param {string} held @param {string} name */
  function cell(gate, held, name) {
    const word = wordOf(gate, held), known = word ? measured(word) : value.before;
    const node = make("button", "", known === undefined ? "·" : number(known));
    node.type = "button";
    node.dataset.cell = `${gate} ${held}`;
    node.setAttribute("aria-pressed", `${heldAt(gate) === held}`);
    const facts = { name, held: words[`held.${held}`] ?? held, perplexity: known === undefined ? words.unmeasured : number(known) };
    node.setAttribute("aria-label", fill(words.cell, facts));
    if (known !== undefined) node.style.setProperty("--harm", along(known, decadesOf(value.blind, 1)).toFixed(3));
    return make("td", "", node);
  }
}
