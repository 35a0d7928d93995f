// The lesson hello. `props.value` is a reference: "lessons/hello" (the default run) or "runs/<id>".
// Two sliders say what is shown: an epoch, with the weights of that moment, and a step, that is, a character of the word.
// Every number comes from Python; here, numbers are only placed, and the terms of one sum multiplied out.
const { fill, make, decimal } = rnnlab;
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [word, loss, state, curve, unrolled, equation, sum, code, answer] =
  ["word", "loss", "state", "curve", "unrolled", "equation", "sum", "code", "answer"].map(role);
let reference = "", words = {}, config = {}, figure = null, darkColors = {};
let started = null, looks = [], points = []; // the run: its constants, the epochs with a walk, the curve
let told = null; // how the run stands, as last heard
let limit = 1; // the number that has the full colour: the same in every heatmap of a run
let pointed = null, chosen = null; // the component of h_t under the pointer, and the one that has the focus

const filled = (node, ...children) => { node.append(...children); return node; };
const glyph = rnnlab.visible;
const letters = (text) => [...text];

// --- what is shown now ---
const look = () => looks[epochs.value];
const at = () => Math.min(steps.value, letters(config.source).length - 1);
const epochText = (i) => (looks[i]?.kind === "finished" ? words.trained : `${looks[i]?.epoch ?? 0} / ${config.epochs}`);

function showEpoch() {
  if (!look()) return;
  const { predicted } = look(), target = letters(config.target);
  const tiles = letters(predicted).map((letter, k) => make("span", letter === target[k] ? "right" : "", glyph(letter)));
  word.replaceChildren(...tiles);
  word.style.setProperty("--letter", tiles.length > 8 ? 1 : tiles.length > 6 ? 1.25 : 1.5);
  word.dataset.predicted = predicted;
  const right = word.querySelectorAll(".right").length;
  word.setAttribute("aria-label", fill(words.word, { predicted, target: config.target, right, count: target.length }));
  loss.textContent = `${words["figure.loss"]} ${decimal(look().loss, 3)}`;
  loss.title = String(look().loss);
  tellState();
  if (curve.data?.[2]) window.Plotly.restyle(curve, { x: [here().x], y: [here().y] }, [2]);
  showStep();
}
function showStep() {
  if (!look()) return;
  drawNetwork();
  drawCell();
}

// --- the curve ---
const place = (row) => (row.kind === "finished" ? row.epoch + 1 : row.epoch);
const here = () => ({ x: look() ? [place(look())] : [], y: look() ? [look().loss] : [] });
async function drawCurve() {
  const [line, smallest, marker, ...others] = structuredClone(figure.data);
  Object.assign(line, { x: points.map(place), y: points.map((row) => row.loss ?? Infinity) });
  const layout = { ...figure.layout, xaxis: { ...figure.layout.xaxis, title: { text: "" } } }; // the slider above says it
  await rnnlab.draw(curve, { layout, data: [line, smallest, { ...marker, ...here() }, ...others] }, darkColors);
}

// --- the unrolled network, drawn for text of 17 pixels where the page has 15, and scaled with it ---
function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return filled(node, ...children);
}
const arrow = (d) => svg("path", { d, "marker-end": "url(#hello-head)" });
const label = (x, y, kind, name, sub = "") =>
  svg("text", { x, y, class: kind }, name, svg("tspan", { dy: "0.3em", "font-size": "14" }, sub));
const WIDE = { target: 14, predicted: 50, cell: 117, input: 184, height: 200 };
const NARROW = { target: 36, predicted: 92, cell: 159, input: 226, height: 266 }; // a row's name stands above or below it
const NAMES = { target: 10, predicted: 66, input: 254 };

function drawNetwork() {
  const source = letters(config.source), target = letters(config.target), predicted = letters(look().predicted);
  const scale = parseFloat(getComputedStyle(element).getPropertyValue("--text-md")) / 15 || 1;
  const room = unrolled.clientWidth / scale, wide = unrolled.clientWidth > 600, left = wide ? 78 : 4, first = left + 34;
  const Y = wide ? WIDE : NARROW;
  const pitch = Math.max(52, Math.min(150, (room - first - 20) / source.length)), narrow = pitch < 70, roomy = pitch > 95;
  const box = narrow ? pitch - 18 : Math.min(76, pitch - 28), width = first + pitch * source.length + 16;
  const head = { id: "hello-head", refX: 1, refY: 4.5, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" };
  const drawing = svg("svg", { width: width * scale, height: Y.height * scale, viewBox: `0 0 ${width} ${Y.height}` },
    svg("marker", head, svg("path", { class: "head", d: "M0 0 9 4.5 0 9z" })));
  if (wide) for (const name of ["target", "predicted", "cell", "input"]) drawing.append(label(0, Y[name], "row", name === "cell" ? config.module : words[name]));
  drawing.append(label(left + 10, Y.cell, "state", "0"));
  const memory = source.flatMap((letter, k) => {
    const x = first + pitch * (k + 0.5), from = k ? x - pitch + box / 2 : left + 20, to = x - box / 2;
    const right = predicted[k] === target[k] ? " right" : "";
    const says = { step: k + 1, input: letter, predicted: predicted[k], target: target[k] };
    const step = svg("g", { role: "button", tabindex: 0, "data-step": k, "aria-label": fill(words.step_label, says) },
      svg("rect", { class: "field", x: x - box / 2 - 9, y: 1, width: box + 18, height: Y.height - 2, rx: 6 }),
      arrow(`M${x} ${Y.input - 16}V${Y.cell + 28}`), arrow(`M${x} ${Y.cell - 19}V${Y.predicted + 23}`),
      svg("rect", { class: "cellbox", x: to, y: Y.cell - 19, width: box, height: 38, rx: 6 }),
      label(x, Y.cell, "", "h", k + 1), label(x + 16, Y.cell + 38, "sub", "x", k + 1),
      label(x, Y.target, "letter", glyph(target[k])), label(x, Y.input, "letter", glyph(letter)),
      label(x, Y.predicted, `letter${right}`, glyph(predicted[k])), label(x + 20, Y.predicted, `mark${right}`, right ? "✓" : "✗"));
    if (k === at()) step.setAttribute("aria-current", "step");
    drawing.append(step);
    return [arrow(`M${from} ${Y.cell}H${to - 9}`), ...(roomy ? [label((from + to) / 2 - 2, Y.cell - 13, "sub", "h", k)] : [])];
  });
  if (!wide) for (const [name, y] of Object.entries(NAMES)) drawing.append(label(0, y, "row", words[name]));
  drawing.append(...memory); // above the field of the step that is lit
  const focused = unrolled.contains(document.activeElement) ? document.activeElement.dataset.step : undefined;
  unrolled.replaceChildren(drawing);
  if (focused !== undefined) unrolled.querySelector(`[data-step="${focused}"]`)?.focus();
  keepInSight(unrolled, drawing.querySelector("[aria-current]"));
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
// A tensor's name is its title: "W_ih x_t" is W with a small ih, x with a small t.
function tensor(name, values, { named, title = name, ...options } = {}) {
  const matrix = Array.isArray(values[0]), rows = letters(started.vocabulary).map(glyph);
  const shape = matrix ? `(${values.length}, ${values[0].length})` : `(${values.length},)`;
  const table = rnnlab.heat({ values, limit, columns: matrix ? rows : ["\u00a0"], rows: named ? rows : undefined, ...options });
  table.dataset.tensor = name;
  table.setAttribute("aria-label", `${name} ${shape}`);
  const parts = title.split(" ").map((part) => part.replace(/[{}]/g, "").replace("-", "−").split("_"));
  table.caption.replaceChildren(...parts.flatMap(([letter, sub]) => [make("b", "", letter), make("sub", "", sub)]), make("small", "", shape));
  return table;
}
const sign = (text, over) => filled(make("span", "sign", text), ...(over ? [make("small", "", over)] : []));
const group = (title, ...parts) => filled(make("div", "group"), make("b", "", title), ...parts);
const alone = (...parts) => filled(make("div", "alone"), ...parts);

function drawCell() {
  const row = look(), step = row.steps[at()], picked = step.x_t.indexOf(1);
  code.textContent = started.lines[at()];
  showAnswer(step);
  const kept = equation.scrollLeft, focused = equation.contains(document.activeElement);
  const hT = tensor("h_t", step.h_t), p = { named: true, title: "p_t", scale: "probability", limit: 1, lit: { row: step.predicted } };
  equation.replaceChildren(
    group(words.from_input, tensor("W_ih", row.weight_ih, { named: true, lit: { column: picked } }), tensor("x_t", step.x_t, { scale: "plain" }),
      sign("→"), tensor("W_ih x_t", step.from_x)),
    sign("+"), alone(tensor("b_ih", row.bias_ih)), sign("+"),
    group(words.from_memory, tensor("W_hh", row.weight_hh, { named: true }), tensor("h_{t-1}", step.h_prev),
      sign("→"), tensor("W_hh h_{t-1}", step.from_h)),
    sign("+"), alone(tensor("b_hh", row.bias_hh)), sign("="), alone(tensor("sum", step.sum, { title: words.sum })),
    sign("→", "tanh"), alone(hT), sign("→", "softmax"), alone(tensor("p", step.probabilities, p)),
  );
  fit();
  equation.scrollLeft = kept;
  for (const cell of hT.querySelectorAll("tbody td")) {
    cell.tabIndex = Number(cell.dataset.row) === (chosen ?? step.predicted) ? 0 : -1;
    cell.setAttribute("aria-describedby", sum.id);
  }
  if (focused) hT.querySelector("[tabindex='0']").focus({ preventScroll: true });
  light();
}
const MOST_IN_NUMBERS = 8; // letters
// Of many letters the matrices have too many columns for numbers: then they are colours, and the sum has the numbers.
function fit() {
  equation.classList.remove("colours", "narrow", "tight");
  equation.style.removeProperty("--cell");
  const excess = () => Math.max(...[equation, ...equation.querySelectorAll(".group")].map((box) => box.scrollWidth - box.clientWidth));
  const few = started.vocabulary.length <= MOST_IN_NUMBERS; // these scroll in their box, if they must
  equation.classList.toggle("tight", excess() > 1 && few);
  const wide = excess() > 1 && !few;
  equation.classList.toggle("colours", wide);
  role("colours").hidden = !wide;
  if (wide && excess() > 0) { // narrower still: in one line there are two matrices, on a phone one above the other
    const columns = started.vocabulary.length * (getComputedStyle(equation).flexWrap === "wrap" ? 1 : 2);
    const cell = Math.max(4, 13.5 - excess() / columns);
    equation.style.setProperty("--cell", `${cell}px`);
    equation.classList.toggle("narrow", cell < 10); // than the letters that head the columns
  }
}
function showAnswer(step) {
  const letter = letters(started.vocabulary)[step.predicted], target = letters(config.target)[at()], right = letter === target;
  const said = make("strong", right ? "right" : "", `${glyph(letter)} ${right ? "✓" : "✗"}`);
  answer.replaceChildren(words.predicted, said, words.target, make("strong", "", glyph(target)));
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
const term = (kind, text, value, name) =>
  Object.assign(make("data", kind, text), { value: String(value), title: `${name} = ${value}` });
function writeSum(i) {
  const row = look(), step = row.steps[at()], name = letters(started.vocabulary).map(glyph);
  const signed = (value) => (value < 0 ? `(${decimal(value, 3)})` : decimal(value, 3));
  const bias = (kind) => term("b", signed(row[`bias_${kind}`][i]), row[`bias_${kind}`][i], `b_${kind}[${name[i]}]`);
  const products = (kind, weights, vector, title) => vector.flatMap((by, j) => {
    if (kind === "x" && !by) return []; // of the one-hot only the 1 is written
    const text = `${signed(weights[i][j])} · ${Number.isInteger(by) ? by : signed(by)}`;
    return [term(kind, text, weights[i][j] * by, fill(title, { i: name[i], j: name[j] }))];
  });
  const terms = [
    ...products("x", row.weight_ih, step.x_t, "W_ih[{i}, {j}] · x_t[{j}]"), bias("ih"),
    ...products("h", row.weight_hh, step.h_prev, "W_hh[{i}, {j}] · h_{t-1}[{j}]"), bias("hh"),
  ];
  sum.dataset.component = i;
  sum.replaceChildren(
    make("b", "", "h"), make("sub", "", at() + 1), `[${name[i]}] = tanh( `,
    ...terms.flatMap((node, k) => (k ? [" + ", node] : [node])), " ) = tanh( ",
    term("total", decimal(step.sum[i], 3), step.sum[i], "sum"), " ) = ",
    filled(make("b"), term("result", decimal(step.h_t[i], 3), step.h_t[i], "h_t")),
  );
  // It keeps the height of its longest row, so that nothing moves under the pointer.
  const width = sum.offsetWidth;
  if (sum.dataset.width !== String(width)) Object.assign(sum.dataset, { width, height: 0 });
  sum.dataset.height = Math.max(sum.dataset.height, sum.firstChild ? sum.scrollHeight : 0);
  sum.style.minHeight = `${sum.dataset.height}px`;
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
    limit = numbers.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), limit);
  }
  role("low").textContent = decimal(-limit, 1);
  role("high").textContent = decimal(limit, 1);
  role("bar").setAttribute("aria-label", fill(words.bar, { limit: decimal(limit, 1) }));
}
function say(latest) {
  told = latest;
  tellState();
}
// How the run stands; of one that has ended, what holds at the epoch that is shown.
function tellState() {
  if (!told) return;
  const wrong = looks.findLastIndex((row) => row.predicted !== config.target), spelled = looks[wrong + 1]?.epoch;
  const right = word.querySelectorAll(".right").length, count = letters(config.target).length;
  const values = { ...told, epoch: points.at(-1)?.epoch ?? 0, epochs: config.epochs, spelled, right, count };
  const ended = spelled === undefined ? "missed" : epochs.value > wrong ? "spelled" : "not_yet";
  const text = fill(words[`state.${["recorded", "finished"].includes(told.state) ? ended : told.state}`], values);
  if (state.textContent !== text) state.textContent = text; // it is read aloud when it changes
}
// What is shown stays over a reload: the browser's tab keeps it.
const KEPT = "rnnlab_hello_shown";
function recall(from) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    return kept?.reference === from ? [kept.epoch, kept.step] : null;
  } catch { return null; } // not ours
}
addEventListener("pagehide", () => {
  const kept = JSON.stringify({ reference, epoch: epochs.value, step: steps.value });
  try { sessionStorage.setItem(KEPT, kept); } catch { return; } // it is full
});
const hooks = {
  async picture(picture, from) {
    const before = reference ? null : recall(from), again = from === reference || before !== null;
    const [epoch, step] = before ?? [epochs.value, steps.value];
    [reference, words, config, darkColors, figure] = [from, picture.words, picture.config, picture.dark_colors, picture.figures.curve];
    [started, looks, points, limit, chosen, told] = [null, [], [], 1, again ? chosen : null, null];
    delete sum.dataset.width; // the height of another word's longest sum
    rnnlab.say(element, words);
    rnnlab.form.picture("hello", picture.settings, from, props.value, trigger);
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
  lost() { told = null; state.textContent = words["state.lost"]; },
  gone() { told = null; state.textContent = words["state.gone"]; },
};
const attach = rnnlab.follow(element, hooks, "lessons/hello");
new ResizeObserver(() => { if (look() && unrolled.clientWidth) { drawNetwork(); fit(); } }).observe(element);
watch("value", () => attach(props.value));
attach(props.value);
