// A text cut into minibatches. `props.value`: {tokens, vocab, vocab_size, ids, steps, starts}; starts[sampling][batch][row]
// is where in the text a row of X begins; it is `steps` tokens long, and its Y the same stretch one token further on.
const role = (name, from = element) => from.querySelector(`[data-role=${name}]`);
const SAMPLINGS = ["random", "sequential"], SHOWN = 30, NAMED = 16, COLOURS = 8;
let words = {}, value = null, player = null;

const { visible } = rnnlab;
function make(tag, className, text) {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function chip(token, id) { // a token and its number
  const node = make("span", "chip", "");
  node.append(make("span", "", visible(token)), make("small", "", id));
  return node;
}

function draw() {
  if (!value) return;
  const about = rnnlab.fill(words["batches.vocab_size"], { size: value.vocab_size });
  for (const name of ["vocab", "tokens", "text"]) for (const node of element.querySelectorAll(`[data-role=${name}]`)) node.dir = "auto";
  role("vocab").replaceChildren(...value.vocab.slice(0, NAMED).map(chip), make("span", "more", `${value.vocab_size > NAMED ? "… " : ""}${about}`));
  role("tokens").replaceChildren(...value.tokens.slice(0, SHOWN).map((token, place) => chip(token, value.ids[place])));
  if (value.tokens.length > SHOWN) role("tokens").append(make("span", "more", "…"));
  for (const sampling of SAMPLINGS) {
    const text = role("text", section(sampling));
    text.replaceChildren(...value.tokens.map((token) => make("span", "token", visible(token))));
    text.classList.toggle("wide", value.tokens.some((token) => token.length > 1));
  }
  player.words({ label: words["batches.batch"], play: words["batches.play"], pause: words["batches.pause"] });
  player.count(Math.max(...SAMPLINGS.map((sampling) => value.starts[sampling].length)));
  player.set(0);
}

const section = (sampling) => element.querySelector(`[data-sampling=${sampling}]`);

function show(batch) {
  for (const sampling of SAMPLINGS) {
    const starts = value.starts[sampling][batch], place = section(sampling), tokens = [...role("text", place).children];
    for (const token of tokens) { token.className = "token"; }
    const pair = role("pair", place);
    if (!starts) {
      pair.replaceChildren(make("p", "none", rnnlab.fill(words["batches.none"], { count: value.starts[sampling].length })));
      continue;
    }
    starts.forEach((start, row) => {
      for (let t = 0; t < value.steps; t++) {
        tokens[start + t].classList.add("x", `row${row % COLOURS}`);
        tokens[start + t + 1].classList.add("y", `under${row % COLOURS}`);
      }
    });
    role("text", place).setAttribute("aria-label", rnnlab.fill(words["batches.cut"], { sampling: words[`batches.${sampling}`] }));
    pair.replaceChildren(batchTable("X", starts, 0), batchTable("Y", starts, 1));
  }
}

// X (shift 0) or Y (shift 1): a row per sequence, ids with the token beneath.
function batchTable(name, starts, shift) {
  const table = make("table", "batch", "");
  const caption = table.createCaption();
  caption.append(make("b", "", name), ` (${starts.length}, ${value.steps})`);
  starts.forEach((start, row) => {
    const line = table.insertRow();
    for (let t = 0; t < value.steps; t++) {
      const place = start + t + shift, cell = line.insertCell();
      cell.className = shift ? `y under${row % COLOURS}` : `x row${row % COLOURS}`;
      cell.append(make("span", "", value.ids[place]));
      if (value.tokens[place] !== String(value.ids[place])) cell.append(make("small", "", visible(value.tokens[place])));
    }
  });
  return table;
}

function speak(known) {
  words = known;
  player ??= rnnlab.player(role("player"), {
    label: words["batches.batch"], play: words["batches.play"], pause: words["batches.pause"], perSecond: 0.8, show,
  });
  draw();
}
watch("value", () => {
  if (rnnlab.refused(element.querySelector(".exhibit"), props.value, words.kept)) return;
  value = props.value;
  if (player) draw();
});
value = props.value;
rnnlab.speak(element, "layers", speak);
