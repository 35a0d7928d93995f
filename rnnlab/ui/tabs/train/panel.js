// The live panel. `props.value` is a reference: "curves/<name>" (a recorded curve) or "runs/<id>" (a run); panel.js
// says what may follow a "?".
// The figure comes once, from Python; afterwards points are appended to its traces, so zoom, hover and hidden legend
// entries stay. Everything that a person wrote is set as textContent.
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [plot, state, songs, save, warning, device] = ["plot", "state", "songs", "save", "warning", "device"].map(role);
const [compared, baselines, counted] = ["compared", "baselines", "counted"].map(role);
const [title, heading] = ["title", "heading"].map(role);
const [MINIBATCH, TRAINING, HELD_OUT, UNIFORM, CHANGED, GHOST] = [0, 1, 2, 4, 8, 18]; // places in the figure's promised order
const WORSE = 1.05; // times a uniform guess: a run that begins is a little above it by chance
const RECENT = 20, LEAST = 5; // minibatches that speak for an epoch which is not whole yet
let words = {}, epochs = 0, epoch = 0, since = null, current = "", uniform = null, model = "";
let recent = [], last = null; // perplexities: of the newest minibatches of this epoch; of the last whole epoch
let ghost = null; // the run that was drawn before this one, as it was: {x, y, line, name}
plot.dataset.redraws = 0; // how often points were appended: the browser tests count it

function duration(s) {
  const [unit, n] = s < 60 ? ["seconds", Math.ceil(s)] : s < 3600 ? ["minutes", Math.ceil(s / 60)] : ["hours", rnnlab.number(s / 3600, 3)];
  return rnnlab.fill(words[unit], { n });
}
const show = (name, text) => { element.querySelector(`[data-number=${name}]`).textContent = text; };

function showWords() {
  rnnlab.say(element, words);
  plot.setAttribute("aria-label", words.plot ?? "");
  songs.setAttribute("aria-label", words.songs ?? "");
  heading.textContent = words.songs;
}
// Whether the run does worse than guessing uniformly: by its newest minibatches, else by its last epoch.
function worse() {
  if (!uniform) return false;
  const logs = recent.map((y) => Math.log(y ?? Infinity)), mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  if (recent.length >= LEAST) return mean > Math.log(WORSE * uniform);
  return last !== null && !(last <= WORSE * uniform);
}
function showState(news) {
  const at = news.diverged ?? {};
  const said = { position: news.position, problem: news.problem, epoch: at.epoch ?? epoch, step: at.step, kept: at.kept_epoch };
  const rate = plot.data?.[CHANGED].customdata?.at(-1);
  const bad = ["running", "finished", "stopped"].includes(news.state) && worse();
  const which = bad ? (news.state === "running" ? "worse" : "worse_ended")
    : news.state === "diverged" && !at.kept_epoch ? "diverged_at_once"
    : news.state === "stopped" && !epoch ? "stopped_at_once"
    : news.state === "paused" && news.why ? news.why
    : news.state === "running" && rate ? "changed"
    : news.state;
  state.textContent = rnnlab.fill(words[`state.${which}`], { ...said, rate: rate && rnnlab.number(rate, 4) });
  warning.textContent = news.not_saved ? rnnlab.fill(words.not_saved, { reason: news.not_saved }) : "";
  warning.hidden = !news.not_saved;
  state.dataset.state = news.state;
  state.toggleAttribute("data-worse", bad);
  if (["stopped", "diverged", "failed", "recorded"].includes(news.state)) show("remaining", "–");
  if (which === "diverged_at_once" && !songs.hasAttribute("data-before")) songs.textContent = "";
}
function showDevice(whole) {
  const which = whole.device_trouble ? `device.${whole.device_trouble}` : "device";
  device.textContent = whole.device ? rnnlab.fill(words[which], { device: whole.device }) : "";
}
function showEpoch(row) {
  epoch = row?.epoch ?? 0;
  last = row ? row.perplexity ?? Infinity : null;
  role("network_row").hidden = !row;
  if (!row) return;
  since ??= { epoch: row.epoch, at: performance.now() }; // evaluation and songs take time too: the clock counts it all
  const passed = row.epoch - since.epoch;
  const mean = passed ? (performance.now() - since.at) / 1000 / passed : row.seconds;
  show("epoch", `${row.epoch} / ${epochs}`);
  show("perplexity", rnnlab.number(row.perplexity, 4));
  show("held_out", row.held_out_perplexity === undefined || !hasHeldOut() ? "–" : rnnlab.number(row.held_out_perplexity, 4));
  show("speed", rnnlab.number(row.tokens_per_second));
  show("remaining", duration(mean * Math.max(0, epochs - row.epoch)));
  show("grad_norm", rnnlab.number(row.grad_norm));
  role("network_training").textContent = rnnlab.number(row.perplexity, 4);
  role("network_held_out").textContent = hasHeldOut() ? rnnlab.number(row.held_out_perplexity, 4) : "–";
  role("network").textContent = rnnlab.fill(words["compared.network"], { n: row.epoch });
}
// What needs no network, a row each, above the network itself.
function showBaselines(whole) {
  compared.hidden = !whole.baselines.length;
  baselines.replaceChildren(...whole.baselines.map(([name, ...values]) => {
    const line = document.createElement("tr");
    line.append(Object.assign(rnnlab.make("th", "", name), { scope: "row" }));
    for (const value of values) line.append(rnnlab.make("td", "", value === null ? "–" : rnnlab.number(value, 4)));
    return line;
  }));
  const { counted: n, train: all } = whole.counted;
  const said = words[n < all ? "compared.counted_part" : "compared.counted"];
  counted.textContent = rnnlab.fill(said, { n: rnnlab.number(n, 9), all: rnnlab.number(all, 9) });
}
const hasHeldOut = () => plot.data?.[HELD_OUT]?.showlegend !== false;

// A paragraph per song. Its lines are blocks, and an empty one has a <br>, so that it is copied with its line ends.
function showSongs(texts) {
  if (!texts?.length) return;
  songs.removeAttribute("data-before");
  heading.textContent = words.songs;
  songs.replaceChildren(...texts.map((text) => {
    const song = document.createElement("p");
    song.lang = rnnlab.languageOf(text);
    for (const line of text.replace(/\n$/, "").split("\n")) {
      const node = rnnlab.line();
      if (!rnnlab.direction(line)) node.dir = rnnlab.direction(text) || "ltr";
      node.append(line || document.createElement("br"));
      song.append(node, "\n");
    }
    return song;
  }));
}

async function append(rows) {
  const points = { [MINIBATCH]: { x: [], y: [] }, [TRAINING]: { x: [], y: [] }, [HELD_OUT]: { x: [], y: [] } }, changes = [];
  const add = (trace, x, y) => { points[trace].x.push(x); points[trace].y.push(y ?? Infinity); };
  let [x, y] = [plot.data[MINIBATCH].x.at(-1) ?? 0, plot.data[MINIBATCH].y.at(-1) ?? plot.data[UNIFORM].y[0]];
  for (const row of rows) {
    if (row.kind === "step") add(MINIBATCH, x = row.x, y = row.y), recent = [...recent, row.y].slice(-RECENT);
    if (row.kind === "changed") changes.push([x, y, row.learning_rate]);
    if (row.kind !== "epoch") continue;
    recent = [];
    add(TRAINING, row.epoch, row.perplexity);
    if (hasHeldOut()) add(HELD_OUT, row.epoch, row.held_out_perplexity);
    showEpoch(row);
    showSongs(row.samples);
  }
  const grown = Object.fromEntries(Object.entries(points).filter(([, { x }]) => x.length));
  if (!changes.length && !Object.keys(grown).length) return;
  await rnnlab.extend(plot, grown, (data) => {
    const trace = data[CHANGED], { minallowed, maxallowed } = plot.layout.yaxis;
    const within = (value) => Math.min(Math.max(value ?? Infinity, 10 ** minallowed), 10 ** maxallowed);
    for (const [at, value, rate] of changes) { // with a text each
      trace.x = [...(trace.x ?? []), at];
      trace.y = [...(trace.y ?? []), within(value)];
      trace.text = [...(trace.text ?? []), `${trace.name} ${rnnlab.number(rate, 4)}`];
      trace.customdata = [...(trace.customdata ?? []), rate];
    }
  });
  plot.dataset.redraws = Number(plot.dataset.redraws) + 1;
}

// The curve of the run before stays, pale, behind the one that comes.
function haunted(figure) {
  const data = [...figure.data];
  if (ghost) data[GHOST] = { ...data[GHOST], ...ghost, showlegend: true };
  return { ...figure, data };
}
function remember() {
  const trace = plot.data?.[TRAINING];
  if (!trace?.x?.length) return;
  ghost = { x: [...trace.x], y: [...trace.y], line: { ...trace.line }, model };
}

async function picture(whole, reference) {
  if (current && reference !== current) remember();
  const before = songs.querySelector("p") && reference !== current;
  current = reference;
  ({ words, epochs, uniform, model } = whole);
  [since, recent] = [null, whole.steps];
  if (ghost) ghost.name = rnnlab.fill(words.before, { run: ghost.model });
  showWords();
  title.textContent = whole.title;
  rnnlab.form.picture("train", whole.settings, reference, props.value, trigger);
  await rnnlab.draw(plot, haunted(whole.figure), whole.dark_colors);
  for (const name of ["epoch", "perplexity", "held_out", "speed", "remaining", "grad_norm"]) show(name, "–");
  showBaselines(whole);
  showEpoch(whole.last);
  if (whole.songs.length) showSongs(whole.songs);
  else if (before || songs.hasAttribute("data-before")) showOldSongs();
  else songs.textContent = rnnlab.fill(words[whole.first_sample ? "no_songs" : "no_samples"], { n: whole.first_sample });
  offerModel(whole.last);
  showDevice(whole);
  showState(whole);
}
// Those of the run before stay, dimmed, until there are new ones.
function showOldSongs() {
  songs.setAttribute("data-before", "");
  heading.textContent = words["songs.before"];
}
async function news(latest) {
  if (latest.title) {
    title.textContent = latest.title;
    rnnlab.form.picture("train", latest.settings, current, "", trigger);
  }
  await append(latest.rows);
  offerModel(latest.rows.findLast((row) => row.kind === "epoch") ?? (save.hidden ? null : {}));
  showState(latest);
}
function offerModel(row) {
  save.hidden = !(row && current.startsWith("runs/"));
  save.href = `lab/${current}/model`;
}

const attach = rnnlab.follow(element, {
  picture,
  news,
  // A new beginning or a later end changes the axis and the baselines: draw anew.
  stale: (latest) => latest.epochs !== epochs || latest.rows.some((row) => row.kind === "start"),
  lost: () => { state.textContent = words["state.lost"]; },
  gone: () => { state.textContent = words["state.gone"]; },
}, "curves/lyrics-zh");
watch("value", () => attach(props.value));
attach(props.value);
