// @ts-check
// The drawing of a cell's layout: boxes, circles and arrows as SVG.

import { parse } from "./formula.js";
import { arrowhead, svg } from "./svg.js";

/** @import { Arrow, At, CellNode, Layout } from "./cell_layouts.js" */

/** @param {string} text @returns {SVGElement[]} a formula in a drawing */
function symbol(text) {
  let lowered = 0;
  return parse(text).flatMap((part, k) => {
    if (!part) return [];
    const isSub = k % 2, shift = isSub ? 5 : -lowered;
    lowered = isSub ? 5 : 0;
    return [svg("tspan", { class: isSub ? "sub" : "letter", dy: shift }, part)];
  });
}

/** @param {At} at @param {string} kind @param {...(Node | string)} children */
const label = ([x, y, anchor = "start"], kind, ...children) => svg("text", { x, y, class: kind, "text-anchor": anchor }, ...children);

/** @param {CellNode} node */
function drawNode({ kind, x, y, letter = "", letters, text = "" }) {
  const middle = /** @type {At} */ ([x, y + 6, "middle"]);
  const group = svg("g", { class: `node ${kind}`, "data-letters": letters.join(" "), ...(letter ? { "data-gate": letter } : {}) });
  if (kind === "join") group.append(svg("circle", { cx: x, cy: y, r: 4 }));
  else if (kind === "gate") group.append(svg("rect", { x: x - 25, y: y - 18, width: 50, height: 36, rx: 5 }), label(middle, "", text));
  else if (kind === "weight") group.append(svg("rect", { x: x - 22, y: y - 14, width: 44, height: 28 }), label(middle, "", ...symbol(text)));
  else if (kind === "tanh") group.append(svg("rect", { x: x - 24, y: y - 14, width: 48, height: 28, rx: 14 }), label(middle, "", text));
  else group.append(svg("circle", { class: "op", cx: x, cy: y, r: kind === "minus" ? 15 : 11 }));
  if (kind === "times") group.append(svg("circle", { class: "dot", cx: x, cy: y, r: 3.2 }));
  if (kind === "plus") group.append(svg("path", { d: `M${x - 6} ${y}H${x + 6}M${x} ${y - 6}V${y + 6}` }));
  if (kind === "minus") group.append(label(middle, "", text));
  return group;
}

/** @param {Arrow} arrow @param {string} head @param {string} input */
function drawArrow(arrow, head, input) {
  const { id, d, letters, at, symbolAt, bare } = arrow, name = symbol(arrow.symbol ?? "");
  const group = svg("g", { class: "arrow", role: "button", tabindex: -1, "data-arrow": id, "data-letters": letters.join(" ") },
    svg("path", { class: "reach", d }), svg("path", { class: "line", d, ...(bare ? {} : { "marker-end": `url(#${head})` }) }));
  if (symbolAt) group.append(label(symbolAt, "symbol", ...name, ...(id === "x_t" && input ? [svg("tspan", { class: "input", dy: -5 }, ` ${input}`)] : [])));
  if (at) group.append(label(at, "", ...(arrow.symbol && !symbolAt ? [...name, svg("tspan", { dy: -5 }, " ")] : []), svg("tspan", { class: "number" })));
  return group;
}

/**
 * Draw a layout.
 * @param {Layout} layout
 * @param {string} head the name of the arrowhead, which the document has once
 * @param {string} input the character that x_t stands for
 */
export const drawLayout = ({ width, height, arrows, nodes }, head, input) => svg("svg", { viewBox: `-2 0 ${width + 4} ${height}` },
  arrowhead(head),
  ...arrows.map((arrow) => drawArrow(arrow, head, input)), ...nodes.map(drawNode));
