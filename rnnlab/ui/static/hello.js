// The lesson hello. `props.value` is a reference: "lessons/hello" (the default run) or "runs/<id>".
// Two sliders say what is shown: an epoch, with the weights of that moment, and a step, that is, a character of the word.
// Every number comes from Python; here, numbers are only placed, and the terms of one sum multiplied out.
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [word, loss, state, curve, unrolled, equation, sum, code, answer] =
  ["word", "loss", "state", "curve", "unrolled", "equation", "sum", "code", "answer"].map(role);
const SVG = "http://www.w3.org/2000/svg";
let reference = "", words = {}, config = {}, figure = null, darkColors = {};
let started = null, looks = [], points = []; // the run: its constants, the epochs with a walk, the curve
let limit = 1; // the number that has the full colour: the same in every heatmap of a run
let pointed = null, chosen = null; // the component of h_t under the pointer, and the one that has the focus

const fill = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const make = (name, attributes = {}, ...children) => {
  const node = Object.assign(document.createElement(name), attributes);
  node.append(...children);
  return node;
};
const draw = (name, attributes, ...children) => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};
const glyph = (character) => (/^\s$/u.test(character) ? "␣" : character);
const fixed = (value, digits) => value.toFixed(digits).replace(/^-(0\.0+)$/, "$1").replace("-", "−");
const letters = (text) => [...text];

// --- what is shown now ---
const look = () => looks[epochs.value];
const at = () => Math.min(steps.value, letters(config.source).length - 1);
const epochText = (i) =>
  looks[i]?.kind === "finished" ? words.trained : `${looks[i]?.epoch ?? 0} / ${config.epochs}`;

function showEpoch() {
  if (!look()) return;
  const { predicted } = look(), target = letters(config.target);
  const tiles = letters(predicted).map((letter, k) =>
    make("span", { textContent: glyph(letter), className: letter === target[k] ? "right" : "" }));
  word.replaceChildren(...tiles);
  word.style.setProperty("--letter", tiles.length > 8 ? 1 : tiles.length > 6 ? 1.25 : 1.5);
  word.dataset.predicted = predicted;
  const right = target.filter((letter, k) => letter === letters(predicted)[k]).length;
  word.setAttribute("aria-label", fill(words.word, { predicted, target: config.target, right, count: target.length }));
  loss.textContent = `${words["figure.loss"]} ${fixed(look().loss, 3)}`;
  loss.title = String(look().loss);
  mark();
  showStep();
}
function showStep() {
  if (!look()) return;
  drawNetwork();
  drawCell();
}

// --- the curve ---
const place = (row) => (row.kind === "finished" ? row.epoch + 1 : row.epoch);
async function drawCurve() {
  const data = structuredClone(figure.data);
  Object.assign(data[0], { x: points.map(place), y: points.map((row) => row.loss) });
  await rnnlab.draw(curve, { ...figure, data: [data[0], data[1], { ...data[2], ...here() }] }, darkColors);
}
const here = () => ({ x: look() ? [place(look())] : [], y: look() ? [look().loss] : [] });
function mark() {
  if (curve.data?.length === 3) window.Plotly.restyle(curve, { x: [here().x], y: [here().y] }, [2]);
}

// --- the unrolled network ---
const ARROW = (x, y, turn) => draw("path", { class: "head", d: "M0 -4.5 8 0 0 4.5z", transform: `translate(${x} ${y}) rotate(${turn})` });
function label(x, y, kind, name, sub) {
  const node = draw("text", { x, y, class: kind }, name);
  if (sub !== undefined) node.append(draw("tspan", { dy: "0.35em", "font-size": "70%" }, sub));
  return node;
}
function drawNetwork() {
  const source = letters(config.source), target = letters(config.target), predicted = letters(look().predicted);
  const unit = parseFloat(getComputedStyle(element).getPropertyValue("--text-md")) / 15 || 1; // grows with the text
  const wide = unrolled.clientWidth > 600, left = wide ? 78 * unit : 4, first = 34 * unit;
  const room = (unrolled.clientWidth - left - first - 20 * unit) / source.length;
  const pitch = Math.max(52 * unit, Math.min(150 * unit, room)), narrow = pitch < 70 * unit;
  const box = narrow ? pitch - 18 * unit : Math.min(76 * unit, pitch - 28 * unit);
  const Y = { target: 14, predicted: 50, cell: 117, input: 184 };
  for (const name in Y) Y[name] *= unit;
  const half = 19 * unit, width = left + first + pitch * source.length + 16 * unit, height = 200 * unit;
  const arrows = [], svg = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  if (wide) for (const name of ["target", "predicted", "input"]) svg.append(label(0, Y[name], "row", words[name]));
  if (wide) svg.append(label(0, Y.cell, "row", config.module));
  svg.append(label(left + 10 * unit, Y.cell, "state", "0"));
  source.forEach((letter, k) => {
    const x = left + first + pitch * (k + 0.5), from = k ? x - pitch + box / 2 : left + 20 * unit, right = predicted[k] === target[k];
    const step = draw("g", { role: "button", tabindex: 0, "data-step": k, "aria-label":
      fill(words.step_label, { step: k + 1, input: letter, predicted: predicted[k], target: target[k] }) });
    if (k === at()) step.setAttribute("aria-current", "step");
    step.append(
      draw("rect", { class: "field", x: x - (box + 18 * unit) / 2, y: 1, width: box + 18 * unit, height: height - 2, rx: 6 }),
      draw("path", { d: `M${x} ${Y.input - 16 * unit}V${Y.cell + half + 8}M${x} ${Y.cell - half}V${Y.predicted + 22 * unit}` }),
      ARROW(x, Y.cell + half + 9, -90), ARROW(x, Y.predicted + 23 * unit, -90),
      draw("rect", { class: "cellbox", x: x - box / 2, y: Y.cell - half, width: box, height: 2 * half, rx: 6 }),
      label(x, Y.cell, "", "h", k + 1),
      label(x, Y.target, "letter", glyph(target[k])),
      label(x, Y.predicted, right ? "letter right" : "letter", glyph(predicted[k])),
      label(x + 20 * unit, Y.predicted, right ? "mark right" : "mark", right ? "✓" : "✗"),
      label(x, Y.input, "letter", glyph(letter)),
      label(x + 16 * unit, Y.cell + half + 19 * unit, "sub", "x", k + 1),
    );
    svg.append(step);
    arrows.push(draw("path", { d: `M${from} ${Y.cell}H${x - box / 2 - 8}` }), ARROW(x - box / 2 - 9, Y.cell, 0));
    if (!narrow) arrows.push(label((from + x - box / 2) / 2 - 2, Y.cell - 13 * unit, "sub", "h", k));
  });
  svg.append(...arrows); // above the field of the step that is lit
  const focused = unrolled.contains(document.activeElement) ? document.activeElement.dataset.step : undefined;
  unrolled.replaceChildren(svg);
  if (focused !== undefined) unrolled.querySelector(`[data-step="${focused}"]`)?.focus();
  keepInSight(unrolled, svg.querySelector("[aria-current]"));
}
function keepInSight(box, node) {
  const [outer, inner] = [box.getBoundingClientRect(), node.getBoundingClientRect()];
  if (inner.left < outer.left) box.scrollLeft -= outer.left - inner.left;
  if (inner.right > outer.right) box.scrollLeft += inner.right - outer.right;
}
function onStep(event) {
  const node = event.target.closest("[data-step]");
  if (!node || (event.type === "keydown" && ![" ", "Enter"].includes(event.key))) return;
  event.preventDefault();
  steps.pause();
  steps.set(Number(node.dataset.step));
}
unrolled.addEventListener("click", onStep);
unrolled.addEventListener("keydown", onStep);

// --- the step, in numbers ---
function tensor(name, letter, sub, values, more = {}) {
  const matrix = Array.isArray(values[0]);
  const rows = letters(started.vocabulary).map(glyph);
  const shape = matrix ? `(${values.length}, ${values[0].length})` : `(${values.length},)`;
  const table = rnnlab.heat({
    values, limit, columns: matrix ? rows : ["\u00a0"], rows: more.named ? rows : undefined, caption: name, shape, ...more.heat,
  });
  table.dataset.tensor = name;
  table.setAttribute("aria-label", `${name} ${shape}`);
  const title = letter.flatMap((part, k) => [make("b", { textContent: part }), make("sub", { textContent: sub[k] })]);
  table.caption.replaceChildren(...title, make("small", { textContent: shape }));
  return table;
}
const sign = (text, over) => make("span", { className: "sign", textContent: text }, ...(over ? [make("small", { textContent: over })] : []));
const group = (title, ...parts) => make("div", { className: "group" }, make("b", { textContent: title }), ...parts);
const alone = (...parts) => make("div", { className: "alone" }, ...parts);

function drawCell() {
  const row = look(), step = row.steps[at()], picked = step.x_t.indexOf(1);
  code.textContent = started.lines[at()];
  showAnswer(step);
  const kept = equation.scrollLeft, focused = equation.contains(document.activeElement);
  const hT = tensor("h_t", ["h"], ["t"], step.h_t);
  equation.replaceChildren(
    group(words.from_input,
      tensor("W_ih", ["W"], ["ih"], row.weight_ih, { named: true, heat: { lit: { column: picked } } }),
      tensor("x_t", ["x"], ["t"], step.x_t, { heat: { scale: "plain" } }),
      sign("→"), tensor("W_ih x_t", ["W", "x"], ["ih", "t"], step.from_x)),
    sign("+"), alone(tensor("b_ih", ["b"], ["ih"], row.bias_ih)), sign("+"),
    group(words.from_memory,
      tensor("W_hh", ["W"], ["hh"], row.weight_hh, { named: true }),
      tensor("h_{t-1}", ["h"], ["t−1"], step.h_prev),
      sign("→"), tensor("W_hh h_{t-1}", ["W", "h"], ["hh", "t−1"], step.from_h)),
    sign("+"), alone(tensor("b_hh", ["b"], ["hh"], row.bias_hh)), sign("="),
    alone(tensor("sum", [words.sum], [""], step.sum)), sign("→", "tanh"),
    alone(hT), sign("→", "softmax"),
    alone(tensor("p", ["p"], ["t"], step.probabilities, { named: true, heat: { scale: "probability", limit: 1, lit: { row: step.predicted } } })),
  );
  equation.scrollLeft = kept;
  for (const cell of hT.querySelectorAll("tbody td")) {
    cell.tabIndex = Number(cell.dataset.row) === (chosen ?? step.predicted) ? 0 : -1;
    cell.setAttribute("aria-describedby", sum.id);
  }
  if (focused) hT.querySelector("[tabindex='0']").focus({ preventScroll: true });
  light();
}
function showAnswer(step) {
  const letter = letters(started.vocabulary)[step.predicted], target = letters(config.target)[at()], right = letter === target;
  answer.replaceChildren(
    words.predicted, make("strong", { textContent: `${glyph(letter)} ${right ? "✓" : "✗"}`, className: right ? "right" : "" }),
    words.target, make("strong", { textContent: glyph(target) }));
}

// --- one component of h_t: the sum that made it ---
const component = () => pointed ?? chosen ?? look().steps[at()].predicted;
const INPUTS = ["x_t", "h_{t-1}"]; // their rows are what is multiplied, not components of h_t
function light() {
  const i = component();
  for (const table of equation.querySelectorAll("table")) {
    for (const cell of table.querySelectorAll("tbody td")) {
      cell.classList.toggle("row-lit", !INPUTS.includes(table.dataset.tensor) && Number(cell.dataset.row) === i);
    }
  }
  writeSum(i);
}
function term(kind, text, value, name) {
  return make("data", { className: kind, textContent: text, value: String(value), title: `${name} = ${value}` });
}
function writeSum(i) {
  const row = look(), step = row.steps[at()], name = letters(started.vocabulary).map(glyph), terms = [];
  const signed = (value) => (value < 0 ? `(${fixed(value, 3)})` : fixed(value, 3));
  const product = (kind, weight, by, title) => term(kind, `${signed(weight)} · ${Number.isInteger(by) ? by : signed(by)}`, weight * by, title);
  step.x_t.forEach((by, j) => by && terms.push(product("x", row.weight_ih[i][j], by, `W_ih[${name[i]}, ${name[j]}] · x_t[${name[j]}]`)));
  terms.push(term("b", signed(row.bias_ih[i]), row.bias_ih[i], `b_ih[${name[i]}]`));
  step.h_prev.forEach((by, j) => terms.push(product("h", row.weight_hh[i][j], by, `W_hh[${name[i]}, ${name[j]}] · h_{t-1}[${name[j]}]`)));
  terms.push(term("b", signed(row.bias_hh[i]), row.bias_hh[i], `b_hh[${name[i]}]`));
  sum.dataset.component = i;
  sum.style.setProperty("--lines", Math.ceil((terms.length + 1) / 8)); // its height must not change under the pointer
  sum.replaceChildren(
    make("b", { textContent: "h" }), make("sub", { textContent: String(at() + 1) }), `[${name[i]}] = tanh( `,
    ...terms.flatMap((node, k) => (k ? [" + ", node] : [node])), " ) = tanh( ",
    term("total", fixed(step.sum[i], 3), step.sum[i], "sum"), " ) = ", make("b", {}, term("result", fixed(step.h_t[i], 3), step.h_t[i], "h_t")),
  );
}
const rowOf = (event) => {
  const cell = event.target.closest?.("tbody td"), name = cell?.closest("table").dataset.tensor;
  return cell && !INPUTS.includes(name) ? Number(cell.dataset.row) : null;
};
equation.addEventListener("pointerover", (event) => { pointed = rowOf(event); if (look()) light(); });
equation.addEventListener("pointerleave", () => { pointed = null; if (look()) light(); });
equation.addEventListener("click", (event) => { if (rowOf(event) !== null) { chosen = rowOf(event); light(); } });
equation.addEventListener("focusin", (event) => { if (rowOf(event) !== null) { chosen = rowOf(event); light(); } });
equation.addEventListener("keydown", (event) => {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key], cells = equation.querySelectorAll("[data-tensor=h_t] tbody td");
  if (!by || rowOf(event) === null) return;
  event.preventDefault();
  pointed = null;
  const next = Math.max(0, Math.min(cells.length - 1, rowOf(event) + by));
  cells.forEach((cell, k) => { cell.tabIndex = k === next ? 0 : -1; });
  cells[next].focus();
});

// --- the run ---
const player = (name, options) => rnnlab.player(role(name), { label: name, play: "", pause: "", ...options });
const epochs = player("epochs", { perSecond: 10, show: showEpoch, text: epochText });
const steps = player("steps", { perSecond: 1, show: () => { chosen = null; showStep(); }, text: (k) => `${k + 1} / ${letters(config.source ?? " ").length}` });

function take(rows) {
  for (const row of rows) {
    if (row.kind === "started") { started = row; continue; }
    if (row.loss === undefined) continue;
    points.push(row);
    if (!row.steps) continue;
    looks.push(row);
    const numbers = [row.weight_ih, row.weight_hh, row.bias_ih, row.bias_hh, row.steps.map((step) => step.sum)].flat(2);
    limit = Math.max(limit, ...numbers.map(Math.abs));
  }
  role("low").textContent = fixed(-limit, 1);
  role("high").textContent = fixed(limit, 1);
  role("bar").setAttribute("aria-label", fill(words.bar, { limit: fixed(limit, 1) }));
}
function say(news) {
  const wrong = looks.findLastIndex((row) => row.predicted !== config.target), spelled = looks[wrong + 1]?.epoch;
  const values = { ...news, epoch: points.at(-1)?.epoch ?? 0, epochs: config.epochs, spelled, target: config.target };
  const ended = ["recorded", "finished"].includes(news.state);
  state.textContent = fill(words[ended ? (spelled === undefined ? "state.missed" : "state.spelled") : `state.${news.state}`], values);
}
const hooks = {
  async picture(picture, from) {
    const again = from === reference, [epoch, step] = [epochs.value, steps.value];
    [reference, words, config, darkColors, figure] = [from, picture.words, picture.config, picture.dark_colors, picture.figures.curve];
    [started, looks, points, limit, chosen] = [null, [], [], 1, again ? chosen : null];
    rnnlab.say(element, words);
    for (const [name, it] of [["epoch", epochs], ["step", steps]]) it.words({ label: words[name], play: words.play, pause: words.pause });
    take(picture.rows);
    const count = letters(config.source).length;
    steps.count(count);
    epochs.count(looks.length);
    steps.set(again ? step : Math.min(2, count - 1));
    epochs.set(again ? epoch : looks.length - 1);
    say(picture);
    await drawCurve();
  },
  async news(news) {
    const follows = epochs.value >= looks.length - 1 && !epochs.playing;
    take(news.rows);
    epochs.count(looks.length);
    epochs.set(follows ? looks.length - 1 : epochs.value);
    say(news);
    if (news.rows.length) await drawCurve();
  },
  lost() { state.textContent = words["state.lost"]; },
  gone() { state.textContent = words["state.gone"]; },
};
const attach = rnnlab.follow(element, hooks, "lessons/hello");
new ResizeObserver(() => { if (look() && unrolled.clientWidth) drawNetwork(); }).observe(element);
watch("value", () => attach(props.value));
attach(props.value);
