// @ts-check
// One unit of the opened cell: each quantity with its formula, its line of PyTorch and its number; the sum on demand.

import { decimal, whole } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { CellLine, Words } from "../../frontend/types.d.ts" */

/**
 * Write a formula: _ and _{…} lower what follows.
 * @param {string} text
 */
export function formula(text) {
  const parts = text.replaceAll("-", "−").split(/_\{([^}]*)\}|_([\p{L}\p{N}]+)/u);
  const node = make("span", "formula");
  for (let i = 0; i < parts.length; i += 3) {
    node.append(parts[i]);
    const lowered = parts[i + 1] ?? parts[i + 2];
    if (lowered) node.append(make("sub", "", lowered));
  }
  return node;
}

/**
 * Draw the lines; those that were open stay open.
 * @param {HTMLElement} host
 * @param {readonly CellLine[]} lines
 * @param {Words} words
 */
export function drawCell(host, lines, words) {
  const open = new Set([...host.querySelectorAll("details[open]")].map((node) => /** @type {HTMLElement} */ (node).dataset.letter));
  host.replaceChildren(...lines.map((line) => {
    const summed = line.activation ? `${line.activation}(${decimal(line.sum, 3)}) = ` : "";
    const numbers = make("span", "numbers", summed, make("b", "", decimal(line.value, 3)));
    const node = make("details", "", make("summary", "", formula(line.formula || line.letter), make("code", "", line.code), numbers), terms(line, words));
    node.dataset.letter = line.letter;
    node.open = open.has(line.letter);
    return node;
  }));
}

/** @param {CellLine} line @param {Words} words */
function terms(line, words) {
  const rows = line.terms.map(({ factors, value }) => {
    const names = factors.flatMap(([name, index], k) => [...(k ? [" · "] : []), formula(name), `[${index.join(", ")}]`]);
    const product = factors.map((factor) => signed(factor[2])).join(" · ");
    return make("tr", "", make("td", "", ...names), make("td", "", product), make("td", "", decimal(value, 3)));
  });
  const [count, rest] = line.others;
  if (count) rows.push(make("tr", "", make("td", "", fill(words.others, { n: whole(count) })), make("td"), make("td", "", decimal(rest, 3))));
  const total = make("tr", "total", make("td", "", words.sum), make("td"), make("td", "", decimal(line.sum, 3)));
  return make("div", "terms", make("table", "", make("tbody", "", ...rows, total)));
}

/** @param {number} value */
const signed = (value) => (value < 0 ? `(${decimal(value, 3)})` : decimal(value, 3));
