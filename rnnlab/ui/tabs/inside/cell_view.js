// @ts-check
// One unit of the opened cell: the data flow as a picture, and each quantity with its formula, its line of PyTorch and its number; the sum on demand.

import { CellDiagram } from "../../frontend/lib/cell_diagram.js";
import { stateBefore } from "../../frontend/lib/cell_numbers.js";
import { formula } from "../../frontend/lib/formula.js";
import { decimal, signed, whole } from "../../frontend/lib/numbers.js";
import { make } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { CellLine, Words } from "../../frontend/types.d.ts" */

export class CellView {
  /** @param {HTMLElement} host of the lines @param {HTMLElement} picture */
  constructor(host, picture) {
    this.host = host;
    this.diagram = new CellDiagram(picture, host);
  }

  /**
   * Draw the lines and the picture; lines that were open stay open.
   * @param {readonly CellLine[]} lines
   * @param {Words} words
   * @param {string} input the character that was read, or "" in an upper layer
   */
  show(lines, words, input) {
    const { host, diagram } = this;
    const open = new Set([...host.querySelectorAll("details[open]")].map((node) => /** @type {HTMLElement} */ (node).dataset.letter));
    host.replaceChildren(...lines.map((line) => {
      const summed = line.activation ? `${line.activation}(${decimal(line.sum, 3)}) = ` : "";
      const numbers = make("span", "numbers", summed, make("b", "", decimal(line.value, 3)));
      const node = make("details", "", make("summary", "", formulaOf(line), make("code", "", line.code), numbers), terms(line, words));
      node.dataset.letter = line.letter;
      node.open = open.has(line.letter);
      return node;
    }));
    diagram.show({ lines, before: stateBefore(lines), input });
  }
}

/** @param {CellLine} line */
function formulaOf({ letter, formula: text }) {
  const node = make("span", "formula", ...formula(text || letter));
  node.dataset.formula = text;
  return node;
}

/** @param {CellLine} line @param {Words} words */
function terms(line, words) {
  const rows = line.terms.map(({ factors, value }) => {
    const names = factors.flatMap(([name, index], k) => [...(k ? [" · "] : []), ...formula(name), `[${index.join(", ")}]`]);
    const product = factors.map((factor) => signed(factor[2])).join(" · ");
    return make("tr", "", make("td", "", ...names), make("td", "", product), make("td", "", decimal(value, 3)));
  });
  const [count, rest] = line.others;
  if (count) rows.push(make("tr", "", make("td", "", fill(words.others, { n: whole(count) })), make("td"), make("td", "", decimal(rest, 3))));
  const total = make("tr", "total", make("td", "", words.sum), make("td"), make("td", "", decimal(line.sum, 3)));
  return make("div", "terms", make("table", "", make("tbody", "", ...rows, total)));
}
