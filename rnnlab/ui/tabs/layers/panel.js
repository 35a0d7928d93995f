// @ts-check
// The drawing of a layer: its tensors and parameters in proportion, the count, and the lines of Python. The panel is on
// the page once, so its state is the module's.

import { whole } from "../../frontend/lib/numbers.js";
import { make, queryAll, roles } from "../../frontend/lib/page.js";
import { svg } from "../../frontend/lib/svg.js";
import { fill } from "../../frontend/lib/text.js";
import { followValue } from "./exhibit.js";
import { OverTime } from "./over_time.js";

/** @import { LayersValue, PanelContext, TensorRow, Words } from "../../frontend/types.d.ts" */

/** @typedef {(name: string) => TensorRow | undefined} Find */

const MAX_SIDE = 40; // px

/** @type {Record<string, any>} the panel's elements by role */
let parts = {};
/** @type {Words} */
let words = {};
/** @type {LayersValue} */
let value;
/** @type {OverTime} */
let overTime;
let pointed = ""; // the name of the tensor that is explained

/** @param {number[]} shape */
const tuple = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

// --- a tensor in proportion: a side grows with the square root of its length, so that 1 and 2000 both fit ---

/** @param {number} length @param {number} longest */
const side = (length, longest) => Math.max(4, Math.round(MAX_SIDE * Math.sqrt(length / longest)));

/** @param {number[]} shape @param {number} longest @param {number} stripes */
function sketch(shape, longest, stripes) {
  const [depth, rows, columns] = shape.length === 3 ? shape : [1, shape[0], shape[1] ?? 1];
  const sheets = Math.min(depth, 4), [width, height] = [side(columns, longest), side(rows, longest)];
  const [across, up] = [width + 5 * (sheets - 1) + 2, height + 4 * (sheets - 1) + 2];
  const drawing = svg("svg", { width: across, height: up, viewBox: `0 0 ${across} ${up}`, "aria-hidden": "true" });
  for (let sheet = sheets - 1; sheet >= 0; sheet--) {
    drawing.append(svg("rect", { x: 1 + 5 * sheet, y: 1 + 4 * (sheets - 1 - sheet), width, height, rx: 1.5 }));
  }
  for (let gate = 1; gate < stripes; gate++) {
    const y = 1 + (height * gate) / stripes;
    drawing.append(svg("line", { x1: 1, x2: width + 1, y1: y, y2: y }));
  }
  return drawing;
}

// --- blocks: everything that has a name and a shape can be pointed at ---

/**
 * @param {string} kind
 * @param {TensorRow} tensor
 * @param {{ longest: number, name?: string, shape?: number[], stripes?: number, below?: string }} options
 */
function block(kind, tensor, { longest, name = tensor.name, shape = tensor.shape, stripes = 1, below = "" }) {
  const text = make("span", "text", make("b", "", name), make("span", "shape", tuple(shape)));
  if (below) text.append(make("span", "count", below));
  const node = make("button", `tensor ${kind}`, sketch(shape, longest, stripes), text);
  node.type = "button";
  node.tabIndex = -1; // one stop for the whole drawing; the arrow keys walk in it
  Object.assign(node.dataset, { tensor: tensor.name, shape: tensor.shape.join(",") });
  node.addEventListener("pointerenter", () => explain(tensor));
  node.addEventListener("focus", () => explain(tensor));
  return node;
}

/** @param {TensorRow} [tensor] */
function explain(tensor) {
  pointed = tensor?.name ?? "";
  for (const node of queryAll(parts.drawing, ".tensor")) node.classList.toggle("pointed", node.dataset.tensor === pointed);
  if (!tensor) {
    parts.about.replaceChildren(make("p", "", words.point ?? ""));
    return;
  }
  const kind = tensor.name.split("_l")[0];
  const sentence = fill(words[`about.${kind}`], { gates: value.gates === 1 ? words["gates.one"] : value.gate_names.join(words["gates.comma"]) });
  parts.about.replaceChildren(
    make("p", "name", make("b", "", tensor.name), ` ${tensor.letters} = ${tuple(tensor.shape)}`),
    make("p", "", fill(words.values, { values: whole(tensor.values) }) + (tensor.reverse ? ` · ${words["about.reverse"]}` : "")),
    make("p", "", sentence),
  );
}

// --- the drawing ---

/** @param {number} layer @param {boolean} reverse @param {Find} find @param {number} longest */
function directionRow(layer, reverse, find, longest) {
  const k = layer * value.directions + (reverse ? 1 : 0);
  const suffix = `_l${layer}${reverse ? "_reverse" : ""}`;
  const slices = (/** @type {string[]} */ names) => names.map(find).filter(Boolean).map((tensor) => {
    const chip = block("state", tensor, { name: `${tensor.name}[${k}]`, shape: tensor.shape.slice(1), longest });
    chip.firstChild.remove(); // a chip is too small for a sketch
    return chip;
  });
  const parameters = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((kind) => ({ kind, tensor: find(kind + suffix) }));
  const body = make("div", "body", ...parameters.filter(({ tensor }) => tensor).map(({ kind, tensor }) =>
    block(kind.split("_")[0], tensor, { name: kind, longest, stripes: value.gates, below: whole(tensor.values) })));
  const walk = fill(words[reverse ? "backward" : "forward"], { last: value.steps });
  const head = make("div", "head", make("b", "", fill(words.layer, { layer })), make("code", "", suffix), make("span", "walk", walk));
  const row = [
    make("div", "before", ...slices(["h_0", "c_0"])), make("i", "arrow"), make("div", "bar", head, body),
    make("i", "arrow"), make("div", "after", ...slices(["h_n", "c_n"])),
  ]; // backwards, what it starts from stands on the right, where the sequence ends
  return make("div", `direction${reverse ? " reverse" : ""}`, ...(reverse ? row.reverse() : row));
}

/** @param {string} name @param {string[]} states @param {Find} find @param {number} longest @param {string} word */
function ends(name, states, find, longest, word) {
  const outer = make("div", "states", ...states.map(find).filter(Boolean).map((tensor) => block("state", tensor, { longest })));
  if (outer.childNodes.length) outer.prepend(make("span", "when", fill(words[word], { last: value.steps })));
  const middle = block("sequence", find(name), { longest, below: find(name).letters });
  return name === "input" ? make("div", "end", outer, middle) : make("div", "end top", middle, outer);
}

/** @param {string} word @param {TensorRow} tensor */
const flow = (word, tensor) => make("div", "flow", fill(words[word], { shape: tuple(tensor.shape) }));

/** @param {LayersValue} given @param {Words} known */
function draw(given, known) {
  [value, words] = [given, known];
  const { drawing } = parts;
  const all = [...value.tensors, ...value.parameters];
  /** @type {Find} */
  const find = (name) => all.find((tensor) => tensor.name === name);
  const longest = Math.max(...all.flatMap((tensor) => tensor.shape));
  const rows = [ends("output", ["h_n", "c_n"], find, longest, "after")];
  for (let layer = value.layers - 1; layer >= 0; layer--) {
    rows.push(flow("flow", find("output")));
    const directions = Array.from({ length: value.directions }, (_, direction) => directionRow(layer, direction === 1, find, longest));
    rows.push(make("div", "layer", ...directions));
  }
  rows.push(flow("flow_input", find("input")), ends("input", ["h_0", "c_0"], find, longest, "before"));
  drawing.dataset.model = value.model;
  ["--light", "--dark"].forEach((name, i) => drawing.style.setProperty(name, value.colors[value.model][i]));
  const most = Math.max(...value.tensors.filter(({ name }) => /^[hc]_/.test(name)).map((tensor) => `${tensor.name}${tuple(tensor.shape)}`.length));
  drawing.style.setProperty("--letters", most);
  drawing.replaceChildren(...rows);
  (drawing.querySelector(`[data-tensor="${pointed}"]`) ?? drawing.querySelector(".tensor")).tabIndex = 0;
  count();
  overTime.show(value, words);
  parts.code.textContent = value.lines.join("\n");
  explain(all.find((tensor) => tensor.name === pointed));
}

/** @param {KeyboardEvent} event */
function onArrow(event) {
  const step = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 })[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...queryAll(parts.drawing, ".tensor")], from = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = all[(from + step + all.length) % all.length];
  for (const node of all) node.tabIndex = node === next ? 0 : -1;
  next.focus();
}

// --- the count ---

function count() {
  parts.total.textContent = whole(value.total);
  parts.terms.replaceChildren(...value.terms.flatMap((term) => [
    make("dt", "", fill(words[term.first === term.last ? "term" : "terms"], { ...term, layer: term.first })),
    make("dd", "", `${term.text} = ${whole(term.values)}`),
  ]));
  const most = Math.max(...Object.values(value.counts));
  parts.models.replaceChildren(...Object.entries(value.counts).flatMap(([model, values]) => {
    const bar = make("i", "amount");
    bar.style.background = value.colors[model][0];
    bar.style.width = `${(100 * values) / most}%`;
    return [make("dt", model === value.model ? "chosen" : "", model.toUpperCase()), make("dd", "", bar, make("span", "", whole(values)))];
  }));
}

/** @param {PanelContext<any>} context */
export function attach(context) {
  const role = roles(context.element);
  parts = Object.fromEntries(["drawing", "total", "terms", "models", "about", "code"].map((name) => [name, role(name)]));
  overTime = new OverTime(role("over-time"));
  parts.drawing.addEventListener("keydown", onArrow);
  followValue(context, ".anatomy", draw);
}
