// The tagged sentence. `props.value` is null or {tokens: [{form, tag, probability, known, probabilities: [[tag, p], …]}, …],
// hues: {tag: colour}, seen, model, corpus, first}. With `first` it is what the page begins with: it gives way to a sentence
// that was tagged meanwhile. Everything that a person or a model wrote is set as textContent.
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [sentence, about, legend, by, strange] = ["sentence", "about", "legend", "by", "strange"].map(role);
const WORTH = 0.005; // tags of a word that are shown are so likely, or the likeliest
const HUES = ["thing", "act", "quality", "pointer", "link", "rest"];
let words = {}, value = null, chosen = 0;

const { make } = rnnlab;
const percent = (p) => new Intl.NumberFormat(rnnlab.language(), { style: "percent", maximumFractionDigits: p < 0.095 || p > 0.985 ? 1 : 0 }).format(p);
const named = (tag) => words[`name.${value.corpus}.${tag}`] ?? words[`name.${tag}`] ?? tag;
const hue = (tag) => value.hues[tag] ?? "rest";
const buttons = () => [...sentence.children];

function take() {
  if (!props.value || (props.value.first && value)) return;
  value = props.value;
  show();
}

function show() {
  if (!value || !words.tab) return;
  const { tokens } = value;
  const text = tokens.map((token) => token.form).join(" ");
  sentence.lang = rnnlab.languageOf(text) || (value.model === "en" ? "en" : "");
  sentence.dir = rnnlab.direction(text) || "ltr"; // not "auto", which would read the tags as well
  sentence.replaceChildren(...tokens.map(button));
  choose(first(tokens));
  explainColours();
  by.textContent = words[`tokens.by.${value.model}`] ?? "";
  strange.textContent = words[`tokens.strange.${value.seen}`] ?? "";
  strange.hidden = !strange.textContent;
}

// What deserves a look first: a word that comes with two tags, else one that is unknown, else the least certain one.
function first(tokens) {
  const twofold = tokens.findIndex((token) => tokens.some((other) => other.form === token.form && other.tag !== token.tag));
  const doubt = (token) => token.probability - (token.known ? 0 : 1);
  return twofold >= 0 ? twofold : tokens.reduce((least, token, i) => (doubt(token) < doubt(tokens[least]) ? i : least), 0);
}

function button(token, i) {
  const node = make("button", `token ${hue(token.tag)}${token.known ? "" : " unknown"}`);
  node.type = "button";
  node.dataset.index = i;
  node.style.setProperty("--p", token.probability);
  node.append(make("span", "sure"), make("span", "form", token.form), make("span", "tag", named(token.tag)), make("span", "percent", percent(token.probability)));
  const facts = [named(token.tag), percent(token.probability), ...(token.known ? [] : [words["tokens.unknown_short"]])];
  node.setAttribute("aria-label", `${token.form}: ${facts.join(", ")}`);
  return node;
}

function choose(i) {
  chosen = i;
  buttons().forEach((node, j) => {
    node.setAttribute("aria-pressed", i === j);
    node.tabIndex = i === j ? 0 : -1; // one stop for the Tab key; the arrow keys go from word to word
  });
  const token = value.tokens[i];
  const title = make("h2", "", token.form);
  title.lang = sentence.lang;
  title.dir = sentence.dir;
  const worth = token.probabilities.filter(([, p], k) => k === 0 || p >= WORTH);
  const others = token.probabilities.length - worth.length;
  const rest = others ? [make("p", "others", rnnlab.fill(words["tokens.others"], { others, percent: percent(WORTH) }))] : [];
  about.replaceChildren(title, make("p", "known", words[known(token)]), ...worth.map(([tag, p]) => {
    const row = make("div", `rival ${hue(tag)}${tag === token.tag ? " taken" : ""}`);
    const cell = make("span", "");
    const bar = make("div", "bar");
    bar.style.width = `${100 * p}%`;
    cell.append(bar);
    row.append(make("span", "name", named(tag)), make("code", "", named(tag) === tag ? "" : tag), cell, make("output", "", percent(p)));
    return row;
  }), ...rest);
}

function known(token) {
  if (token.known) return "tokens.known";
  return ["blind", "nothing"].includes(value.seen) ? "tokens.unknown_short" : "tokens.unknown";
}

function explainColours() {
  const { tokens, hues } = value;
  const used = HUES.filter((name) => tokens.some((token) => hue(token.tag) === name));
  const universal = Object.keys(hues).every((tag) => words[`name.${tag}`]); // of other tags the colours say nothing in common
  const marks = tokens.every((token) => token.known) ? [] : [make("span", "mark", words["tokens.legend_unknown"])];
  legend.replaceChildren(...(universal ? used.map((name) => make("span", name, words[`hue.${name}`])) : []), ...marks);
}

sentence.addEventListener("click", (event) => {
  const node = event.target.closest(".token");
  if (node) choose(Number(node.dataset.index));
});
sentence.addEventListener("keydown", (event) => {
  const onward = rnnlab.isRightToLeft(sentence) ? -1 : 1;
  const step = { ArrowRight: onward, ArrowLeft: -onward }[event.key];
  const all = buttons();
  if (!step || !all.length) return;
  event.preventDefault();
  choose(Math.min(all.length - 1, Math.max(0, chosen + step)));
  all[chosen].focus();
});

// The sentence stays over a reload: the browser's tab keeps it.
addEventListener("pagehide", () => {
  try { if (value) sessionStorage.setItem("rnnlab_tokens", JSON.stringify(value)); } catch { sessionStorage.removeItem("rnnlab_tokens"); } // it is full
});
try { value = JSON.parse(sessionStorage.getItem("rnnlab_tokens")); } catch { value = null; } // not ours
watch("value", take);
take();
rnnlab.speak(element, "tag", (known) => { words = known; show(); });
