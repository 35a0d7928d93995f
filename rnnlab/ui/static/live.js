// The live panel. `props.value` is a reference: "curves/<name>" (a recorded curve) or "runs/<id>" (a run); panel.js
// says what may follow a "?".
// The figure comes once, from Python; afterwards points are appended to its traces, so zoom, hover and hidden legend
// entries stay. Everything that a person wrote is set as textContent.
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [plot, state, songs, save, warning, device] = ["plot", "state", "songs", "save", "warning", "device"].map(role);
const [compared, baselines, counted] = ["compared", "baselines", "counted"].map(role);
const [MINIBATCH, TRAINING, HELD_OUT, UNIFORM, CHANGED] = [0, 1, 2, 4, 8]; // places in the figure's promised order
let words = {}, epochs = 0, epoch = 0, since = null, current = "";
plot.dataset.redraws = 0; // how often points were appended: the browser tests count it

function duration(s) {
  const [unit, n] = s < 60 ? ["seconds", Math.ceil(s)] : s < 3600 ? ["minutes", Math.ceil(s / 60)] : ["hours", (s / 3600).toFixed(1)];
  return rnnlab.fill(words[unit], { n });
}
const show = (name, text) => { element.querySelector(`[data-number=${name}]`).textContent = text; };

function showWords() {
  rnnlab.say(element, words);
  plot.setAttribute("aria-label", words.plot ?? "");
  songs.setAttribute("aria-label", words.songs ?? "");
}
function showState(news) {
  const at = news.diverged ?? {};
  const said = { position: news.position, problem: news.problem, epoch: at.epoch ?? epoch, step: at.step, kept: at.kept_epoch };
  const rate = plot.data?.[CHANGED].text?.at(-1);
  const which = news.state === "diverged" && !at.kept_epoch ? "diverged_at_once"
    : news.state === "stopped" && !epoch ? "stopped_at_once"
    : news.state === "paused" && news.why ? news.why
    : news.state === "running" && rate ? "changed"
    : news.state;
  state.textContent = rnnlab.fill(words[`state.${which}`], { ...said, rate });
  warning.textContent = news.not_saved ? rnnlab.fill(words.not_saved, { reason: news.not_saved }) : "";
  warning.hidden = !news.not_saved;
  state.dataset.state = news.state;
  if (["stopped", "diverged", "failed", "recorded"].includes(news.state)) show("remaining", "–");
  if (which === "diverged_at_once") songs.textContent = "";
}
function showDevice(whole) {
  const which = whole.device_trouble ? `device.${whole.device_trouble}` : "device";
  device.textContent = whole.device ? rnnlab.fill(words[which], { device: whole.device }) : "";
}
function showEpoch(row) {
  epoch = row?.epoch ?? 0;
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

// Both tokenisers write a line's end as a space: in Chinese every space is one, in English one before a capital ("I"
// alone does not count).
function showSongs(texts) {
  if (!texts?.length) return;
  songs.replaceChildren(...texts.map((text) => {
    const song = document.createElement("p");
    const chinese = /\p{Script=Han}/u.test(text);
    song.lang = chinese ? "zh-CN" : "en";
    for (const line of text.split(chinese ? " " : / (?=\p{Lu}[\p{L}'’])/u).filter(Boolean)) {
      const node = document.createElement("span");
      node.className = "line";
      node.textContent = line;
      song.append(node);
    }
    return song;
  }));
}

async function append(rows) {
  const traces = { [MINIBATCH]: [], [TRAINING]: [], [HELD_OUT]: [], [CHANGED]: [] };
  let [x, y] = [plot.data[MINIBATCH].x.at(-1) ?? 0, plot.data[MINIBATCH].y.at(-1) ?? plot.data[UNIFORM].y[0]];
  for (const row of rows) {
    if (row.kind === "step") traces[MINIBATCH].push([x = row.x, y = row.y]);
    if (row.kind === "changed") traces[CHANGED].push([x, y, rnnlab.number(row.learning_rate)]);
    if (row.kind !== "epoch") continue;
    traces[TRAINING].push([row.epoch, row.perplexity]);
    if (hasHeldOut()) traces[HELD_OUT].push([row.epoch, row.held_out_perplexity]);
    showEpoch(row);
    showSongs(row.samples);
  }
  const Plotly = await rnnlab.plotly();
  const marks = traces[CHANGED], changed = plot.data[CHANGED];
  if (marks.length) { // with a text each, and a place in the legend from the first one on
    const grown = [0, 1, 2].map((k) => [[...(changed[["x", "y", "text"][k]] ?? []), ...marks.map((mark) => mark[k])]]);
    await Plotly.restyle(plot, { x: grown[0], y: grown[1], text: grown[2], showlegend: true }, [CHANGED]);
  }
  const grown = [MINIBATCH, TRAINING, HELD_OUT].filter((i) => traces[i].length);
  if (!grown.length) return;
  const column = (k) => grown.map((i) => traces[i].map((point) => point[k]));
  await Plotly.extendTraces(plot, { x: column(0), y: column(1) }, grown);
  plot.dataset.redraws = Number(plot.dataset.redraws) + 1;
}

async function picture(whole, reference) {
  current = reference;
  words = whole.words;
  epochs = whole.epochs;
  since = null;
  showWords();
  await rnnlab.draw(plot, whole.figure, whole.dark_colors);
  for (const name of ["epoch", "perplexity", "held_out", "speed", "remaining", "grad_norm"]) show(name, "–");
  showBaselines(whole);
  showEpoch(whole.last);
  if (whole.songs.length) showSongs(whole.songs);
  else songs.textContent = rnnlab.fill(words[whole.first_sample ? "no_songs" : "no_samples"], { n: whole.first_sample });
  offerModel(whole.last);
  showDevice(whole);
  showState(whole);
}
async function news(latest) {
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
