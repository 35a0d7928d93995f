// The training of a tagger. `props.value` is a reference, "lessons/tag" or "runs/<id>"; panel.js says what may follow it.
// The rows of a run are sorted into `seen`; those of a tagger without recurrence beside it have a kind that begins with
// "beside-". Everything that a person or a model wrote is set as textContent.
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [lesson, state, progress, scores, verdict, results, note, ended, mistakes] =
  ["lesson", "state", "progress", "scores", "verdict", "results", "note", "ended", "mistakes"].map(role);
const [loss, accuracy, confusion] = ["loss", "accuracy", "confusion"].map(role); // the plots
const MANY = 8; // tags: more do not fit beside a curve with their names
const CURVES = { loss: [["own", "loss"], ["beside", "loss"]], accuracy: [["own", "accuracy"], ["own", "held_out_accuracy"], ["own", "unknown_accuracy"]] };
const PLOTS = { loss, accuracy };
let words = {}, config = {}, figures = {}, dark = {}, seen = null;
const wanted = { when: null, unit: null }; // what a visitor has chosen, else null

const { fill, make, decimal } = rnnlab;
const percent = (p) => (p === null || p === undefined ? "–" : new Intl.NumberFormat(rnnlab.language(), { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(p));
const whole = (n) => new Intl.NumberFormat(rnnlab.language()).format(n);
const named = (tag) => words[`name.${config.corpus}.${tag}`] ?? words[`name.${tag}`] ?? tag;

// --- what the rows tell ---

const tagger = () => ({ scores: {}, epochs: [] });
function take(row) {
  const [, beside, kind] = row.kind.match(/^(beside-)?(.*)$/);
  const one = beside ? (seen.beside ??= tagger()) : seen.own;
  if (kind === "scores") (one.scores[row.when] ??= [])[row.sentence] = { ...row, epoch: one.epochs.at(-1)?.epoch };
  else if (kind === "epoch") one.epochs.push(row);
  else one[kind] = row;
}
const epochs = () => Number(config.epochs);
const epoch = () => seen.own.epochs.at(-1);
const real = () => (seen.own.started?.tags.length ?? 0) > MANY || (seen.own.started?.sentences ?? 0) > 50;

// --- scores ---

const many = () => (seen.own.started?.tags.length ?? 0) > MANY;
const oneByOne = () => Boolean(seen.beside) || many(); // before and after do not stand side by side
// The newest scores that there are: after the end, or of what has been learned so far.
const newest = () => (seen.own.scores.after || !seen.own.scores["so far"] ? "after" : "so far");
const learned = () => Boolean(seen.own.scores[newest()]);
const whenShown = () => (wanted.when !== "before" && learned() ? newest() : "before");
const whenWord = (when) => (when === "so far" ? fill(words.so_far, seen.own.scores[when][0]) : words[when]);
// The tutorial prints logarithms; where two taggers are compared, probabilities say more.
const unitShown = () => wanted.unit ?? (config.corpus?.startsWith("toy") && !seen.beside ? "log" : "p");

function showScores() {
  const columns = oneByOne()
    ? [["own", whenShown()], ...(seen.beside ? [["beside", whenShown()]] : [])]
    : [["own", "before"], ["own", newest()]];
  const told = seen.own.scores.before ?? [];
  const torn = new Set(told.length < 2 ? [] : told[0].tokens.filter((word, i) => told[1].tokens.some((other, j) => word === other && told[0].gold[i] !== told[1].gold[j])));
  const nodes = columns.map(([who, when]) => {
    const column = make("div");
    const rows = seen[who].scores[when];
    column.append(heading(who, when), ...(rows ? rows.map((row) => heat(row, torn)) : [make("p", "empty", words.no_after)]));
    return column;
  });
  scores.style.setProperty("--tables", columns.length);
  scores.classList.toggle("many", many());
  scores.replaceChildren(...nodes);
  choices();
}
function heading(who, when) {
  const own = many() ? `${words.scores} · ${whenWord(when)}` : whenWord(when);
  const node = make("h2", "", seen.beside ? words[`model.${who === "own" ? config.model : "none"}`] : own);
  if (seen.beside) {
    node.classList.add("swatch", ...(who === "beside" ? ["dashed"] : []));
    const color = figures.loss.data[who === "own" ? 0 : 1].line.color;
    node.style.setProperty("--line", rnnlab.theme() === "dark" ? dark[color] ?? color : color);
  }
  return node;
}
function heat(row, torn) {
  const p = row.log_probs.map((line) => line.map((value) => (value === null ? 0 : Math.exp(value))));
  const shape = `(${row.tokens.length}, ${row.tags.length})`;
  const table = rnnlab.heat({ values: p, scale: "probability", limit: 1, rows: row.tokens, columns: row.tags, caption: words[many() ? `${unitShown()}_rounded` : unitShown()], shape });
  if (many()) table.classList.add("compact");
  table.querySelectorAll("thead th").forEach((cell, k) => named(row.tags[k]) !== row.tags[k] && cell.append(make("small", "", named(row.tags[k]))));
  table.querySelectorAll("tbody th").forEach((cell) => { cell.dir = "auto"; });
  table.querySelectorAll("tbody th").forEach((cell, i) => cell.classList.toggle("lit", torn.has(row.tokens[i])));
  for (const cell of table.querySelectorAll("tbody td")) {
    const [i, k] = [Number(cell.dataset.row), Number(cell.dataset.column)];
    const log = row.log_probs[i][k];
    cell.textContent = number(p[i][k], log);
    cell.title = fill(words.cell, { word: row.tokens[i], tag: named(row.tags[k]), p: p[i][k].toFixed(4), log: log === null ? "−∞" : log.toFixed(4) });
    cell.classList.toggle("gold", row.tags[k] === row.gold[i]);
    cell.classList.toggle("best", p[i][k] === Math.max(...p[i]));
  }
  return table;
}
function number(p, log) {
  if (unitShown() === "log") return log === null ? "−∞" : decimal(log, many() ? 0 : 2);
  return many() ? (p < 0.005 ? "" : (100 * p).toFixed(0)) : p.toFixed(2);
}
function choices() {
  const shown = { when: whenShown() === "before" ? "before" : "after", unit: unitShown() };
  for (const name of ["when", "unit"]) {
    for (const button of role(name).children) button.setAttribute("aria-pressed", button.dataset.choice === shown[name]);
  }
  role("when").hidden = !oneByOne();
  const after = role("when").querySelector("[data-choice=after]");
  after.disabled = !learned();
  after.textContent = whenWord(newest());
}

// --- curves ---

const drawn = { loss: [0, 0], accuracy: [0, 0, 0] }; // points of each trace that are on the screen

async function drawCurves() {
  const baseline = seen.own.started?.baseline;
  for (const [name, traces] of Object.entries(CURVES)) {
    traces.forEach(([who, key], i) => {
      const points = seen[who]?.epochs ?? [];
      Object.assign(figures[name].data[i], { x: points.map((row) => row.epoch), y: points.map((row) => row[key] ?? (key === "loss" ? Infinity : null)) });
      drawn[name][i] = points.length;
    });
  }
  figures.loss.data[0].showlegend = figures.loss.data[1].showlegend = Boolean(seen.beside);
  figures.accuracy.data[2].showlegend = figures.accuracy.data[1].showlegend; // words can be unknown where some are held out
  if (baseline !== undefined) Object.assign(figures.accuracy.data[3], { x: [0, epochs() + 1], y: [baseline, baseline], showlegend: true });
  await rnnlab.draw(loss, figures.loss, dark);
  if (real()) await rnnlab.draw(accuracy, figures.accuracy, dark);
}
async function extendCurves() {
  for (const [name, traces] of Object.entries(CURVES)) {
    if (name === "accuracy" && !real()) continue;
    const fresh = traces.map(([who, key], i) => (seen[who]?.epochs ?? []).slice(drawn[name][i]).map((row) => [row.epoch, row[key] ?? (key === "loss" ? Infinity : null)]));
    const grown = fresh.map((_, i) => i).filter((i) => fresh[i].length);
    if (!grown.length) continue;
    for (const i of grown) drawn[name][i] += fresh[i].length;
    const columns = (i) => ({ x: fresh[i].map(([x]) => x), y: fresh[i].map(([, y]) => y) });
    await rnnlab.extend(PLOTS[name], Object.fromEntries(grown.map((i) => [i, columns(i)])));
  }
}

// --- results ---

function showResults() {
  const { started, finished } = seen.own;
  if (!started) return results.replaceChildren();
  const both = [seen.own, ...(seen.beside ? [seen.beside] : [])];
  const held = started.measured_on === "held-out";
  const table = make("table");
  table.createCaption().textContent = words[`results.${started.measured_on}`];
  if (both.length > 1) {
    const head = table.createTHead().insertRow();
    head.append(make("td"), ...["own", "beside"].map((who) => Object.assign(make("th", "", words[`model.${who === "own" ? config.model : "none"}`]), { scope: "col" })));
  }
  const body = table.createTBody();
  const line = (name, of) => {
    const row = body.insertRow();
    row.className = name;
    row.append(Object.assign(make("th", "", words[`results.${name}`]), { scope: "row" }), ...both.map((one) => make("td", "", percent(of(one)))));
  };
  const last = (one) => one.epochs.at(-1) ?? {};
  line("accuracy", (one) => one.finished?.accuracy ?? (held ? last(one).held_out_accuracy : last(one).accuracy));
  if (held) line("unknown", (one) => one.finished?.unknown_accuracy ?? last(one).unknown_accuracy);
  line("baseline", () => started.baseline);
  if (held) line("learning", (one) => last(one).accuracy);
  const facts = { sentences: whole(started.sentences), held_out: whole(started.held_out_sentences), parameters: whole(started.parameters) };
  const always = started.baseline === 1 && !held; // a table of words would do
  results.replaceChildren(table, ...(always ? [make("p", "always", words["results.always"])] : []), make("p", "", fill(words["results.size"], facts)));
}

function showVerdict() {
  const told = seen.own.verdict;
  verdict.hidden = !told;
  if (!told) return;
  const [first, second] = told.gold.map(named);
  const [own_first, own_second] = told.recurrent.map(named);
  const [alone_first, alone_second] = told.alone.map(named);
  const facts = { word: told.word, model: words[`model.${config.model}`], first, second, own_first, own_second, alone_first, alone_second };
  const once = told.gold.includes(told.alone[0]); // the same answer twice, of which one is right, or none
  const alone = told.alone[0] !== told.alone[1] ? "verdict.alone_other" : once ? "verdict.alone_failed" : "verdict.alone_wrong";
  const space = rnnlab.sentenceSpace();
  verdict.textContent = [told.recurrent_learned ? "verdict.learned" : "verdict.failed", alone].map((key) => fill(words[key], facts)).join(space);
}

async function showEnded() {
  const { finished } = seen.own;
  ended.hidden = !finished;
  if (!finished) return;
  const color = getComputedStyle(confusion).getPropertyValue("--body-text-color").trim();
  Object.assign(figures.confusion.data[0], finished.cells, { textfont: { color } });
  await rnnlab.draw(confusion, figures.confusion, dark);
  mistakes.replaceChildren(...finished.mistakes.map(mistake));
  if (finished.accuracy === 1) mistakes.replaceChildren(make("p", "", words.no_mistakes));
}
function mistake({ tokens, gold, predicted, before, after }) {
  const node = make("p");
  const text = tokens.join(" ");
  node.lang = rnnlab.languageOf(text) || (config.corpus === "everyday-en" ? "en" : "");
  node.dir = rnnlab.direction(text) || "ltr";
  node.append(...tokens.map((form, i) => {
    const word = make("span", gold[i] === predicted[i] ? "" : "wrong", form);
    if (gold[i] !== predicted[i]) word.append(make("small", "", fill(words.mistake, { right: named(gold[i]), wrong: named(predicted[i]) })));
    return word;
  }));
  if (before) node.prepend(make("span", "", "…")); // a part of a long sentence
  if (after) node.append(make("span", "", "…"));
  return node;
}

// --- how it stands ---

function showState(news) {
  const at = seen.own.diverged?.epoch ?? (news.state === "running" ? Math.min(epochs(), (epoch()?.epoch ?? 0) + 1) : epoch()?.epoch ?? 0);
  const which = news.state === "stopped" && !at ? "stopped_at_once" : news.state;
  const told = fill(words[`state.${which}`], { position: news.position, problem: news.problem, epoch: at, epochs: epochs() });
  const lesson = news.state === "recorded" ? null : words[`recipe.${config.corpus}`]; // another may be chosen above by now
  state.textContent = lesson ? `${lesson} · ${told}` : told;
  const step = seen.own.step;
  const inside = step && step.epoch > (epoch()?.epoch ?? 0) ? step.step / step.steps : 0;
  progress.hidden = !["running", "queued"].includes(news.state);
  progress.value = ((epoch()?.epoch ?? 0) + inside) / epochs();
}

async function picture(all, reference) {
  ({ words, config, figures, dark_colors: dark } = all);
  seen = { own: tagger(), beside: null };
  all.rows.forEach(take);
  lesson.toggleAttribute("data-real", real());
  rnnlab.say(element, words);
  rnnlab.form.picture("tag", all.settings, reference, props.value, trigger);
  note.textContent = words[`note.${config.corpus}`] ?? "";
  note.hidden = !note.textContent;
  showScores();
  showVerdict();
  showResults();
  showState(all);
  await drawCurves();
  await showEnded();
}
async function news(latest) {
  latest.rows.forEach(take);
  if (latest.rows.some((row) => row.kind.endsWith("scores"))) showScores();
  showVerdict();
  showResults();
  showState(latest);
  await extendCurves();
  if (latest.rows.some((row) => row.kind === "finished")) await showEnded();
}

element.addEventListener("click", (event) => {
  const button = event.target.closest(".choice button");
  if (!button || !seen) return;
  wanted[button.parentElement.dataset.role] = button.dataset.choice;
  showScores();
});

const attach = rnnlab.follow(element, {
  picture,
  news,
  stale: (latest) => latest.rows.some((row) => row.kind.endsWith("started")), // the size of the lesson: draw anew
  lost: () => { state.textContent = words["state.lost"]; },
  gone: () => { state.textContent = words["state.gone"]; },
}, "lessons/tag");
watch("value", () => attach(props.value));
attach(props.value);
