// The drawing of a layer. `props.value` is {model, layers, directions, gates, gate_names, colors, steps, tensors, parameters, total, terms,
// counts, lines}; a tensor is {name, letters, shape, values, role}, a parameter has its layer and reverse besides.
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [drawing, total, terms, models, about, code] = ["drawing", "total", "terms", "models", "about", "code"].map(role);
const SVG = "http://www.w3.org/2000/svg";
let words = {}, value = null, pointed = "";

const whole = (n) => new Intl.NumberFormat(rnnlab.language()).format(n);
const tuple = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

function make(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}
function shapeNode(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, given] of Object.entries(attributes)) node.setAttribute(name, given);
  return node;
}

// --- a tensor in proportion: a side grows with the square root of its length, so that 1 and 2000 both fit ---

const SIDE = 40;
const side = (length, longest) => Math.max(4, Math.round(SIDE * Math.sqrt(length / longest)));

function sketch(shape, longest, stripes) {
  const [depth, rows, columns] = shape.length === 3 ? shape : [1, shape[0], shape[1] ?? 1];
  const sheets = Math.min(depth, 4), [width, height] = [side(columns, longest), side(rows, longest)];
  const [across, up] = [width + 5 * (sheets - 1) + 2, height + 4 * (sheets - 1) + 2];
  const svg = shapeNode("svg", { width: across, height: up, viewBox: `0 0 ${across} ${up}`, "aria-hidden": "true" });
  for (let sheet = sheets - 1; sheet >= 0; sheet--) {
    svg.append(shapeNode("rect", { x: 1 + 5 * sheet, y: 1 + 4 * (sheets - 1 - sheet), width, height, rx: 1.5 }));
  }
  for (let gate = 1; gate < stripes; gate++) {
    const y = 1 + (height * gate) / stripes;
    svg.append(shapeNode("line", { x1: 1, x2: width + 1, y1: y, y2: y }));
  }
  return svg;
}

// --- blocks: everything that has a name and a shape can be pointed at ---

function block(kind, tensor, { name = tensor.name, shape = tensor.shape, longest, stripes = 1, below = "" } = {}) {
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

function explain(tensor) {
  pointed = tensor?.name ?? "";
  for (const node of drawing.querySelectorAll(".tensor")) node.classList.toggle("pointed", node.dataset.tensor === pointed);
  if (!tensor) return about.replaceChildren(make("p", "", words.point ?? ""));
  const kind = tensor.name.split("_l")[0];
  const sentence = rnnlab.fill(words[`about.${kind}`], { gates: value.gates === 1 ? words["gates.one"] : value.gate_names.join(words["gates.comma"]) });
  about.replaceChildren(
    make("p", "name", make("b", "", tensor.name), ` ${tensor.letters} = ${tuple(tensor.shape)}`),
    make("p", "", rnnlab.fill(words.values, { values: whole(tensor.values) }) + (tensor.reverse ? ` · ${words["about.reverse"]}` : "")),
    make("p", "", sentence),
  );
}

// --- the drawing ---

function directionRow(layer, reverse, find, longest) {
  const k = layer * value.directions + (reverse ? 1 : 0);
  const suffix = `_l${layer}${reverse ? "_reverse" : ""}`;
  const slices = (names) => names.map(find).filter(Boolean).map((tensor) => {
    const chip = block("state", tensor, { name: `${tensor.name}[${k}]`, shape: tensor.shape.slice(1), longest });
    chip.firstChild.remove(); // a chip is too small for a sketch
    return chip;
  });
  const parameters = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((kind) => [kind, find(kind + suffix)]);
  const body = make("div", "body", ...parameters.filter(([, tensor]) => tensor).map(([kind, tensor]) =>
    block(kind.split("_")[0], tensor, { name: kind, longest, stripes: value.gates, below: whole(tensor.values) })));
  const walk = rnnlab.fill(words[reverse ? "backward" : "forward"], { last: value.steps });
  const head = make("div", "head", make("b", "", rnnlab.fill(words.layer, { layer })), make("code", "", suffix), make("span", "walk", walk));
  const row = [
    make("div", "before", ...slices(["h_0", "c_0"])), make("i", "arrow"), make("div", "bar", head, body),
    make("i", "arrow"), make("div", "after", ...slices(["h_n", "c_n"])),
  ]; // backwards, what it starts from stands on the right, where the sequence ends
  return make("div", `direction${reverse ? " reverse" : ""}`, ...(reverse ? row.reverse() : row));
}

function ends(name, states, find, longest, word) {
  const outer = make("div", "states", ...states.map(find).filter(Boolean).map((tensor) => block("state", tensor, { longest })));
  if (outer.childNodes.length) outer.prepend(make("span", "when", rnnlab.fill(words[word], { last: value.steps })));
  const middle = block("sequence", find(name), { longest, below: find(name).letters });
  return name === "input" ? make("div", "end", outer, middle) : make("div", "end top", middle, outer);
}

const flow = (word, tensor) => make("div", "flow", rnnlab.fill(words[word], { shape: tuple(tensor.shape) }));

function draw() {
  if (!value) return;
  const all = [...value.tensors, ...value.parameters];
  const find = (name) => all.find((tensor) => tensor.name === name);
  const longest = Math.max(...all.flatMap((tensor) => tensor.shape));
  const parts = [ends("output", ["h_n", "c_n"], find, longest, "after")];
  for (let layer = value.layers - 1; layer >= 0; layer--) {
    parts.push(flow("flow", find("output")));
    const rows = Array.from({ length: value.directions }, (_, direction) => directionRow(layer, direction === 1, find, longest));
    parts.push(make("div", "layer", ...rows));
  }
  parts.push(flow("flow_input", find("input")), ends("input", ["h_0", "c_0"], find, longest, "before"));
  ["--light", "--dark"].forEach((name, i) => drawing.style.setProperty(name, value.colors[value.model][i]));
  const most = Math.max(...value.tensors.filter(({ name }) => /^[hc]_/.test(name)).map((tensor) => `${tensor.name}${tuple(tensor.shape)}`.length));
  drawing.style.setProperty("--letters", most);
  drawing.replaceChildren(...parts);
  (drawing.querySelector(`[data-tensor="${pointed}"]`) ?? drawing.querySelector(".tensor")).tabIndex = 0;
  count();
  code.textContent = value.lines.join("\n");
  explain(all.find((tensor) => tensor.name === pointed));
}

drawing.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...drawing.querySelectorAll(".tensor")], from = all.indexOf(document.activeElement);
  const next = all[(from + step + all.length) % all.length];
  for (const node of all) node.tabIndex = node === next ? 0 : -1;
  next.focus();
});

// --- the count ---

function count() {
  total.textContent = whole(value.total);
  terms.replaceChildren(...value.terms.flatMap((term) => [
    make("dt", "", rnnlab.fill(words[term.first === term.last ? "term" : "terms"], { ...term, layer: term.first })),
    make("dd", "", `${term.text} = ${whole(term.values)}`),
  ]));
  const most = Math.max(...Object.values(value.counts));
  models.replaceChildren(...Object.entries(value.counts).flatMap(([model, values]) => {
    const bar = make("i", "amount");
    bar.style.background = value.colors[model][0];
    bar.style.width = `${(100 * values) / most}%`;
    return [make("dt", model === value.model ? "chosen" : "", model.toUpperCase()), make("dd", "", bar, make("span", "", whole(values)))];
  }));
}

watch("value", () => {
  if (rnnlab.refused(element.querySelector(".anatomy"), props.value, words.kept)) return;
  value = props.value;
  draw();
});
value = props.value;
rnnlab.speak(element, "layers", (known) => { words = known; draw(); });
