// @ts-check
// The unrolled network as a drawing: a step for each character of the word. It is drawn for text of 18 pixels where the
// page has 16, and scaled with the page's text.

import { queryAll } from "../../frontend/lib/page.js";
import { arrowhead, drawingScale, svg } from "../../frontend/lib/svg.js";
import { fill, visible } from "../../frontend/lib/text.js";

/** @import { Words } from "../../frontend/types.d.ts" */

// Heights of the rows; on a narrow screen a row's name stands above or below it.
const WIDE = { target: 14, predicted: 50, cell: 117, input: 184, height: 200 };
const NARROW = { target: 36, predicted: 92, cell: 159, input: 226, height: 266 };
const NARROW_NAMES = { target: 10, predicted: 66, input: 254 };

/** @param {string} d */
const arrow = (d) => svg("path", { d, "marker-end": "url(#hello-head)" });
/** @param {number} x @param {number} y @param {string} kind @param {string} name @param {string | number} [subscript] */
const label = (x, y, kind, name, subscript = "") =>
  svg("text", { x, y, class: kind }, name, svg("tspan", { dy: "0.3em", "font-size": "16" }, String(subscript)));

/**
 * @typedef {object} Word
 * @property {string[]} source
 * @property {string[]} target
 * @property {string[]} predicted
 * @property {string} module the name of the cell
 */

/** @typedef {ReturnType<typeof measures>} Measures */

/** @param {number} width pixels @param {number} scale @param {number} steps */
function measures(width, scale, steps) {
  const wide = width > 600, left = wide ? 86 : 4, first = left + 34;
  const pitch = Math.max(52, Math.min(150, (width / scale - first - 20) / steps));
  const box = pitch < 70 ? pitch - 18 : Math.min(76, pitch - 28);
  return { wide, left, first, pitch, box, width: first + pitch * steps + 16, Y: wide ? WIDE : NARROW };
}

/** @param {Word} word @param {number} k @param {Measures} m @param {Words} words */
function drawStep({ source, target, predicted }, k, { first, pitch, box, Y }, words) {
  const x = first + pitch * (k + 0.5), isRight = predicted[k] === target[k], right = isRight ? " right" : "";
  const facts = { step: k + 1, input: source[k], predicted: predicted[k], target: target[k] };
  return svg("g", { role: "button", tabindex: 0, "data-step": k, "aria-label": fill(words.step_label, facts) },
    svg("rect", { class: "field", x: x - box / 2 - 9, y: 1, width: box + 18, height: Y.height - 2, rx: 6 }),
    arrow(`M${x} ${Y.input - 16}V${Y.cell + 28}`), arrow(`M${x} ${Y.cell - 19}V${Y.predicted + 23}`),
    svg("rect", { class: "cellbox", x: x - box / 2, y: Y.cell - 19, width: box, height: 38, rx: 6 }),
    label(x, Y.cell, "", "h", k + 1), label(x + 16, Y.cell + 38, "sub", "x", k + 1),
    label(x, Y.target, "letter", visible(target[k])), label(x, Y.input, "letter", visible(source[k])),
    label(x, Y.predicted, `letter${right}`, visible(predicted[k])), label(x + 20, Y.predicted, `mark${right}`, isRight ? "✓" : "✗"));
}

/** @param {number} k @param {Measures} m the arrow that carries the hidden state into step k */
function drawState(k, { left, first, pitch, box, Y }) {
  const x = first + pitch * (k + 0.5), from = k ? x - pitch + box / 2 : left + 20, to = x - box / 2;
  return [arrow(`M${from} ${Y.cell}H${to - 9}`), ...(pitch > 95 ? [label((from + to) / 2 - 2, Y.cell - 13, "sub", "h", k)] : [])];
}

/**
 * Draw the network into `host`; the current step is lit and in sight.
 * @param {HTMLElement} host
 * @param {Word} word
 * @param {number} current
 * @param {Words} words
 */
export function drawNetwork(host, word, current, words) {
  const scale = drawingScale(host);
  const m = measures(host.clientWidth, scale, word.source.length), { Y } = m;
  const drawing = svg("svg", { width: m.width * scale, height: Y.height * scale, viewBox: `0 0 ${m.width} ${Y.height}` },
    arrowhead("hello-head"));
  const names = m.wide ? { target: Y.target, predicted: Y.predicted, cell: Y.cell, input: Y.input } : {};
  for (const [name, y] of Object.entries(names)) drawing.append(label(0, y, "row", name === "cell" ? word.module : words[name]));
  drawing.append(label(m.left + 10, Y.cell, "state", "0"));
  const steps = word.source.map((_, k) => drawStep(word, k, m, words));
  steps[current].setAttribute("aria-current", "step");
  drawing.append(...steps);
  if (!m.wide) for (const [name, y] of Object.entries(NARROW_NAMES)) drawing.append(label(0, y, "row", words[name]));
  drawing.append(...word.source.flatMap((_, k) => drawState(k, m))); // above the field of the step that is lit
  const { activeElement } = document;
  const focused = host.contains(activeElement) ? /** @type {SVGElement} */ (/** @type {unknown} */ (activeElement)).dataset.step : undefined;
  host.replaceChildren(drawing);
  if (focused !== undefined) [...queryAll(host, `[data-step="${focused}"]`)].at(0)?.focus();
  keepInSight(host, steps[current]);
}

/** @param {HTMLElement} box @param {Element} node */
function keepInSight(box, node) {
  const [outer, inner] = [box.getBoundingClientRect(), node.getBoundingClientRect()];
  if (inner.left < outer.left) box.scrollLeft -= outer.left - inner.left;
  if (inner.right > outer.right) box.scrollLeft += inner.right - outer.right;
}
