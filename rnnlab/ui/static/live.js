// The live panel. `props.value` is a reference: "curves/<name>" (a recorded curve) or "runs/<id>" (a run); what
// follows a "?" only makes it new, so that the panel looks again.
// The figure comes once, from Python; afterwards points are appended to its traces, so zoom, hover and hidden legend
// entries stay. Everything that a person wrote is set as textContent.
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [plot, state, songs, save] = ["plot", "state", "songs", "save"].map(role);
const COARSE = matchMedia("(pointer: coarse)").matches;
// These buttons and no others: Plotly's own choice has one that offers to upload the chart to its makers.
const CONFIG = {
  responsive: true, displaylogo: false, displayModeBar: COARSE ? false : "hover",
  modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
};
const ENDED = ["finished", "stopped", "diverged", "failed", "recorded", "gone"];
let words = {}, epochs = 0, since = null, source = null, current = "", attempt = 0, drawn = false;
plot.dataset.redraws = 0; // how often points were appended: the browser tests count it

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const number = (value, digits = 3) =>
  value === null || value === undefined ? "∞" : new Intl.NumberFormat(rnnlab.language(), { maximumSignificantDigits: digits }).format(value);
const duration = (s) => (s < 60 ? `${Math.ceil(s)} s` : s < 3600 ? `${Math.ceil(s / 60)} min` : `${(s / 3600).toFixed(1)} h`);
const show = (name, text) => { element.querySelector(`[data-number=${name}]`).textContent = text; };

// The figure takes the page's colours, and grows with the screen.
function look() {
  const style = getComputedStyle(element);
  const size = Math.min(26, Math.max(14, Math.round(innerWidth / 85)));
  return { "font.color": style.getPropertyValue("--body-text-color").trim(), "font.size": innerWidth < 760 ? 14 : size };
}
function dressed(layout) {
  const { "font.color": color, "font.size": size } = look();
  const legend = { ...layout.legend, font: { size: innerWidth < 760 ? 12 : size } };
  const dragmode = COARSE ? false : "zoom"; // a finger scrolls the page
  return { ...layout, legend, dragmode, autosize: true, font: { ...layout.font, color, size }, hoverlabel: { font: { size } } };
}
// A dark page wants the same hues, lighter.
function recoloured(data, lighter) {
  if (rnnlab.theme() !== "dark") return data;
  return JSON.parse(JSON.stringify(data), (_, value) => lighter[value] ?? value);
}

function showWords() {
  for (const node of element.querySelectorAll("[data-word]")) node.textContent = words[node.dataset.word] ?? "";
  plot.setAttribute("aria-label", words.plot ?? "");
  songs.setAttribute("aria-label", words.songs ?? "");
}
function showState(news) {
  const at = news.diverged ?? {};
  const values = { position: news.position, problem: news.problem, epoch: at.epoch, step: at.step, kept: at.kept_epoch };
  state.textContent = fill(words[`state.${news.state}`] ?? "", values);
  if (["stopped", "diverged", "failed"].includes(news.state)) show("remaining", "–");
  document.body.dataset.run = news.state; // the page shows the buttons that make sense now
}
function showEpoch(row) {
  if (!row) return;
  since ??= { epoch: row.epoch, at: performance.now() }; // evaluation and songs take time too: the clock counts it all
  const passed = row.epoch - since.epoch;
  const mean = passed ? (performance.now() - since.at) / 1000 / passed : row.seconds;
  show("epoch", `${row.epoch} / ${epochs}`);
  show("perplexity", number(row.perplexity, 4));
  show("held_out", row.held_out_perplexity === undefined || !hasHeldOut() ? "–" : number(row.held_out_perplexity, 4));
  show("speed", number(row.tokens_per_second));
  show("remaining", duration(mean * Math.max(0, epochs - row.epoch)));
  show("grad_norm", number(row.grad_norm));
}
const hasHeldOut = () => plot.data?.[2]?.showlegend !== false;

// Chinese lyrics have a line to each phrase (both tokenisers write a line's end as a space); other scripts just flow.
function showSongs(texts) {
  if (!texts?.length) return;
  songs.replaceChildren(...texts.map((text) => {
    const song = document.createElement("p");
    const chinese = /\p{Script=Han}/u.test(text);
    song.lang = chinese ? "zh-CN" : "en";
    for (const line of chinese ? text.split(" ").filter(Boolean) : [text]) {
      const node = document.createElement("span");
      node.className = "line";
      node.textContent = line;
      song.append(node);
    }
    return song;
  }));
}

async function append(rows) {
  const traces = [[], [], []]; // minibatch, training, held out: the first three traces of the figure
  for (const row of rows) {
    if (row.kind === "step") traces[0].push([row.x, row.y]);
    if (row.kind !== "epoch") continue;
    traces[1].push([row.epoch, row.perplexity]);
    if (hasHeldOut()) traces[2].push([row.epoch, row.held_out_perplexity]);
    showEpoch(row);
    showSongs(row.samples);
  }
  const grown = [0, 1, 2].filter((i) => traces[i].length);
  if (!grown.length) return;
  const column = (k) => grown.map((i) => traces[i].map((point) => point[k]));
  const Plotly = await rnnlab.plotly();
  await Plotly.extendTraces(plot, { x: column(0), y: column(1) }, grown);
  plot.dataset.redraws = Number(plot.dataset.redraws) + 1;
}

// Draw a reference from nothing, then follow it.
async function attach(value) {
  const mine = ++attempt;
  const reference = value?.split("?")[0];
  source?.close();
  current = reference;
  if (!reference) return;
  const [Plotly, response] = await Promise.all([rnnlab.plotly(), fetch(`lab/${reference}?lang=${rnnlab.language()}`)]);
  const picture = await response.json();
  if (mine !== attempt) return; // something newer is being drawn
  if (!response.ok) return lose(picture);
  words = picture.words;
  epochs = picture.epochs;
  since = null;
  showWords();
  await Plotly.react(plot, recoloured(picture.figure.data, picture.dark_colors), dressed(picture.figure.layout), CONFIG);
  if (!drawn) { drawn = true; new ResizeObserver(() => Plotly.relayout(plot, look())).observe(element); }
  for (const name of ["epoch", "perplexity", "held_out", "speed", "remaining", "grad_norm"]) show(name, "–");
  showEpoch(picture.last);
  if (picture.songs.length) showSongs(picture.songs);
  else songs.textContent = words.no_songs;
  offerModel(picture.last);
  showState(picture);
  if (picture.live) follow(reference, picture.cursor, mine);
}
function lose(news) { // a run that the server no longer knows: back to the recorded curve, with a word about it
  if (news.state !== "gone" || !current.startsWith("runs/")) return;
  attach("curves/lyrics-zh").then(() => { state.textContent = words["state.gone"]; });
}
function offerModel(row) {
  save.hidden = !(row && current.startsWith("runs/"));
  save.href = `lab/${current}/model`;
}

function follow(reference, cursor, mine) {
  source = new EventSource(`lab/${reference}/events?cursor=${cursor}&lang=${rnnlab.language()}`);
  const stream = source;
  stream.onmessage = async (message) => {
    if (mine !== attempt) return stream.close();
    const news = JSON.parse(message.data);
    if (ENDED.includes(news.state)) stream.close();
    // A new beginning or a later end changes the axis and the baselines: draw anew.
    if (news.epochs !== epochs || news.rows.some((row) => row.kind === "start")) return attach(reference);
    await append(news.rows);
    offerModel(news.rows.findLast((row) => row.kind === "epoch") ?? (save.hidden ? null : {}));
    showState(news);
  };
  stream.onerror = () => {
    if (mine !== attempt) return;
    if (stream.readyState === EventSource.CLOSED) attach(reference); // refused: ask once what is so
    else state.textContent = words["state.lost"];
  };
}

document.addEventListener("rnnlab:language", () => attach(current));
document.addEventListener("rnnlab:theme", () => attach(current));
watch("value", () => attach(props.value));
attach(props.value);
