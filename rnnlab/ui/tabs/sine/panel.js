// The panel of sin → cos. It keeps every row of the run and draws the window that the player points at: training first,
// then the windows in which the network goes on alone. The figures come once, from Python, and are filled here.
const root = element.querySelector(".sine");
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [state, loss, reading, note] = ["state", "loss", "reading", "note"].map(role);
const MEMORIES = ["carried", "reset", "bptt"]; // as in rnnlab/figures/sine.py: first their losses, then their means
const IN_VIEW = 4; // windows side by side while it learns
const ALONE_IN_VIEW = 12; // and when it goes on alone, the last window of training included
const MAX_WAVE = 1000; // as in rnnlab/figures/sine.py: of a sample that is drawn, for the picture ends at 1.6
const PER_SECOND = 10;
const lane = (memory) => element.querySelector(`.lane[data-memory=${memory}]`);
const cell = (memory, name) => element.querySelector(`tr[data-memory=${memory}] [data-number=${name}]`);
const { fill } = rnnlab;

let words = {}, config = {}, asRecorded = true, memories = [], waves = {}, floorValue = null;
let finished = null; // the last row of a whole run
let total = 0, alone = 0, known = 0; // windows of training, windows alone, windows of both that all memories have made
let mode = null; // whether the figures are set up for a network that is alone; null: not at all
let going = false; // the run
let told = null; // how the run stands, as last heard
let chase = null, ready = false, drawing = false, shownReference = null;

const player = rnnlab.player(role("player"), {
  label: "", play: "", pause: "", count: 1, perSecond: PER_SECOND, text: position, show: () => { show(); tellState(); }, played: () => tellState(),
});

// --- what the rows say ---

function take(rows) {
  for (const row of rows) {
    if (row.kind === "started") floorValue = row.floor;
    if (row.kind === "finished") finished = row;
    if (row.kind === "window" || row.kind === "freerun") waves[row.memory][row.window - 1] = row;
  }
  known = Math.min(...memories.map((memory) => waves[memory].length));
}
// Times in units of π, and targets, as rnnlab.experiments.sine.window_of computes them.
const times = (window) => Array.from({ length: config.points }, (_, k) => window - 1 + k / (config.points - 1));
const drawn = (value) => (Math.abs(value ?? Infinity) <= MAX_WAVE ? value : null);
const target = (x) => Math.cos(Math.PI * x + config.phase);
const errorOf = (row) => (row.kind === "window" ? row.loss : row.error);

// --- drawing one moment ---

function position(index) {
  const learning = index < total;
  const values = learning ? { window: index + 1, windows: total } : { window: index - total + 1, windows: alone };
  return fill(words[learning ? "position" : "position_alone"], values);
}
function show() { // as often as the screen can, and never two at once
  if (drawing || !ready) return;
  drawing = true;
  requestAnimationFrame(async () => {
    const index = player.value;
    try { if (ready) await draw(index); } finally { drawing = false; }
    if (index !== player.value) show();
  });
}
async function draw(index) {
  const window = index + 1, free = window > total;
  for (const memory of memories) {
    await (free ? drawAlone : drawLearning)(memory, window);
    const row = waves[memory][index];
    cell(memory, "now").textContent = row ? rnnlab.number(errorOf(row), 2) : "–";
    const learned = waves[memory][Math.min(index, total - 1)]; // alone it learns no more: the mean stays
    cell(memory, "mean").textContent = learned ? rnnlab.number(learned.mean_loss, 3) : "–";
  }
  if (mode !== free) await Plotly.relayout(loss, { "xaxis.range": free ? [total - 20.5, total + alone + 0.9] : [0, total + alone + 1] });
  mode = free;
  reading.textContent = words[free ? "reading_alone" : "reading"];
  const forgetful = floorValue > 0.0005 ? fill(words.floor, { floor: rnnlab.number(floorValue, 2) }) : "";
  note.textContent = !free ? forgetful : asRecorded ? words.seeds : "";
  root.dataset.window = window;
  point();
}
// While it learns the last windows scroll by; the newest is always the last quarter of the picture.
function drawLearning(memory, window) {
  const change = { "xaxis.range": [window - IN_VIEW - 0.03, window + 0.03] };
  if (mode !== false) Object.assign(change, { "xaxis.dtick": 1, shapes: [ground((IN_VIEW - 0.97) / (IN_VIEW + 0.06), (IN_VIEW + 0.03) / (IN_VIEW + 0.06), "paper")] });
  return Plotly.update(lane(memory).querySelector(".wave"), traces(memory, Math.max(1, window - IN_VIEW + 1), window), change);
}
// When it is alone the windows fill a picture that stands still.
function drawAlone(memory, window) {
  const last = Math.min(total + alone, Math.max(window, total - 1 + ALONE_IN_VIEW));
  const first = Math.max(total, last - ALONE_IN_VIEW + 1);
  return Plotly.update(lane(memory).querySelector(".wave"), traces(memory, first, window), {
    "xaxis.range": [first - 1.03, last + 0.03], "xaxis.dtick": 2, shapes: [ground(window - 1, window, "x")],
  });
}
const ground = (x0, x1, xref) => ({ type: "rect", layer: "below", xref, x0, x1, yref: "paper", y0: 0, y1: 1, line: { width: 0 }, fillcolor: "rgba(128, 128, 128, 0.15)" });
// Where one looks in the loss figure: an upright line and a ring for each memory, laid over the plot, which then need
// not be drawn anew.
function point() {
  const { xaxis, yaxis } = loss._fullLayout, window = player.value + 1;
  const put = (node, x, y) => {
    node.hidden = !(x >= 0 && x <= xaxis._length && y >= 0 && y <= yaxis._length);
    node.style.transform = `translate(${xaxis._offset + x}px, ${yaxis._offset + y}px)`;
  };
  put(role("upright"), xaxis.d2p(window), 0);
  role("upright").style.height = `${yaxis._length}px`;
  for (const memory of MEMORIES) {
    const row = waves[memory][window - 1];
    put(element.querySelector(`.ring[data-memory=${memory}]`), xaxis.d2p(window), row ? yaxis.d2p(errorOf(row)) : NaN);
  }
}
// The figure's traces, input, target and prediction, over some windows, with gaps between them.
function traces(memory, first, last) {
  const x = [], y = [[], [], []];
  for (let window = first; window <= last; window++) {
    const row = waves[memory][window - 1];
    if (!row) continue;
    if (x.length) { x.push(null); for (const values of y) values.push(null); }
    const at = times(window);
    x.push(...at);
    [row.input, at.map(target), row.prediction].forEach((values, k) => y[k].push(...values.map(drawn)));
  }
  return { x: [x, x, x], y };
}

// --- numbers that stand for the whole run ---

function showNumbers() {
  for (const memory of memories) {
    const error = finished?.mean_errors[finished.memories.indexOf(memory)]; // null if it is beyond all numbers
    cell(memory, "alone").textContent = error === undefined ? "–" : rnnlab.number(error, 3);
  }
  player.count(known);
  role("learn").hidden = known === 0;
  role("alone").hidden = known <= total;
}
function showState(news) {
  going = ["queued", "running", "paused"].includes(news.state);
  const diverged = news.rows?.find((row) => row.kind === "diverged") ?? told?.diverged;
  told = { ...news, diverged };
  tellState();
}
// How the run stands; while one that has ended is played again, that it is.
function tellState() {
  if (!told) return;
  const replays = (player.playing || chase !== null) && ["recorded", "finished", "stopped", "diverged"].includes(told.state);
  const which = replays ? (player.value < total ? "replay" : "replay_alone") : told.state === "stopped" && !known ? "stopped_at_once" : told.state;
  const text = fill(words[`state.${which}`], { position: told.position, problem: told.problem, window: told.diverged?.window });
  if (state.textContent !== text) state.textContent = text; // it is read aloud when it changes
}
// The points of the loss figure that rows add: for each memory the losses, and the means with the errors alone.
function curvePoints(rows) {
  const grown = Array.from({ length: 2 * MEMORIES.length }, () => ({ x: [], y: [] }));
  for (const row of rows) {
    if (row.kind !== "freerun" && row.kind !== "window") continue;
    const k = MEMORIES.indexOf(row.memory), mean = grown[k + MEMORIES.length];
    if (row.kind === "window") { grown[k].x.push(row.window); grown[k].y.push(row.loss ?? Infinity); }
    else if (row.window === total + 1) { mean.x.push(total + 0.5); mean.y.push(null); } // a gap
    mean.x.push(row.window);
    mean.y.push((row.kind === "window" ? row.mean_loss : row.error) ?? Infinity);
  }
  return grown;
}

// --- a run from nothing, then what is new ---

// The window that is shown stays over a reload: the browser's tab keeps it.
const KEPT = "rnnlab_sine_shown";
function recall(reference) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    return kept?.reference === reference ? kept.window : null;
  } catch { return null; } // not ours
}
addEventListener("pagehide", () => {
  const kept = JSON.stringify({ reference: shownReference, window: player.value });
  try { sessionStorage.setItem(KEPT, kept); } catch { return; } // it is full
});

async function picture(picture, reference) {
  const before = shownReference ? null : recall(reference);
  const again = reference === shownReference || before !== null; // the same run in another language or theme, or reloaded
  const was = before ?? player.value;
  shownReference = reference;
  told = null;
  ready = false; // nothing is drawn while the figures change
  if (!again) { letGo(); player.pause(); }
  words = picture.words;
  const given = picture.config;
  config = { points: Number(given.points), phase: Number(given.phase) };
  asRecorded = reference.startsWith("lessons/"); // what the note says of seeds holds for the default settings
  [total, alone] = [Number(given.windows), Number(given.free_run)];
  memories = given.memory === "all" ? MEMORIES : [given.memory];
  waves = Object.fromEntries(MEMORIES.map((memory) => [memory, []]));
  floorValue = mode = finished = null;
  take(picture.rows);
  showWords(given);
  rnnlab.form.picture("sine", picture.settings, reference, props.value, trigger);
  curvePoints(picture.rows).forEach((points, k) => Object.assign(picture.figures.loss.data[k], points));
  for (const memory of memories) await rnnlab.draw(lane(memory).querySelector(".wave"), picture.figures[memory], picture.dark_colors);
  await rnnlab.draw(loss, picture.figures.loss, picture.dark_colors);
  root.style.setProperty("--model-color", loss.data[0].line.color);
  if (!loss.pointed) loss.on("plotly_afterplot", point); // a zoom, a resize, new losses
  loss.pointed = true;
  showNumbers();
  showState(picture);
  const fresh = !again && reference.startsWith("runs/"); // it may have ended already: a short run takes no second
  ready = true;
  if (fresh) follow();
  player.set(again ? was : fresh ? 0 : Math.min(known, total) - 1);
}
function showWords(given) {
  rnnlab.say(element, words);
  player.words({ label: words.player, play: words.play, pause: words.pause });
  const phase = Number(given.phase), turned = `cos(t ${phase < 0 ? "−" : "+"} ${rnnlab.number(Math.abs(phase))})`;
  role("legend-input").textContent = words["legend.input"];
  role("legend-target").textContent = fill(words["legend.target"], { target: phase ? turned : "cos t" });
  role("legend-prediction").textContent = words["legend.prediction"];
  for (const memory of MEMORIES) {
    lane(memory).hidden = element.querySelector(`tr[data-memory=${memory}]`).hidden = !memories.includes(memory);
    lane(memory).querySelector("[data-role=about]").textContent = fill(words[`about.${memory}`], { depth: given.bptt_windows });
  }
}
async function news(told) {
  take(told.rows);
  const points = curvePoints(told.rows), grown = points.flatMap((part, k) => (part.x.length ? [k] : []));
  if (grown.length) await rnnlab.extend(loss, Object.fromEntries(grown.map((k) => [k, points[k]])));
  showNumbers();
  showState(told);
}

// While a run is going the picture hurries after it, until somebody takes the player into their own hands.
function follow(perSecond = PER_SECOND) {
  letGo();
  chase = setInterval(() => {
    if (!element.isConnected) return letGo();
    const behind = known - 1 - player.value;
    if (behind > 0) player.set(player.value + (player.value + 1 < total ? Math.ceil(behind / 8) : 1));
    else if (!going) letGo();
  }, 1000 / perSecond);
}
function letGo() {
  clearInterval(chase);
  chase = null;
  tellState();
}
function watchLearning() {
  letGo();
  player.set(0);
  player.play();
}
function watchAlone() { // slower: there are few windows, and each is worth a look
  player.pause();
  player.set(total);
  follow(PER_SECOND / 4);
}
for (const name of ["click", "input"]) role("player").addEventListener(name, letGo, { capture: true });
role("learn").addEventListener("click", watchLearning);
role("alone").addEventListener("click", watchAlone);

const attach = rnnlab.follow(element, {
  picture, news,
  lost: () => { told = null; state.textContent = words["state.lost"]; },
  gone: () => { told = null; state.textContent = words["state.gone"]; },
}, "lessons/sine");
watch("value", () => attach(props.value));
attach(props.value);
