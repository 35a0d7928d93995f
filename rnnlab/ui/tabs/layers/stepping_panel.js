// One element at a time beside all at once. `props.value`: {model, axis, rows, steps, units, hidden_size, whole, stepped,
// gap, difference, steppable, other_difference}; the matrices are (shown steps, shown units) of the first sequence.
const role = (name) => element.querySelector(`[data-role=${name}]`);
let words = {}, value = null, player = null;


function draw() {
  if (!value) return;
  const rows = value.whole.map((_, t) => `t = ${t + 1}`);
  const columns = value.units.map((unit) => (unit < value.hidden_size ? `${unit}` : `${unit} ←`));
  const limit = Math.max(...[...value.whole, ...value.stepped].flat().map(Math.abs));
  const table = (name, options) => role(name).replaceChildren(rnnlab.heat({ values: value[name], rows, columns, caption: words[`stepping.${name}`], digits: 4, ...options }));
  table("whole", { limit });
  table("stepped", { limit });
  table("gap", { limit: value.steppable ? 1e-3 : undefined, digits: value.steppable ? 7 : 4 });
  for (const name of ["whole", "stepped", "gap"]) role(name).setAttribute("aria-label", words[`stepping.${name}`] ?? "");
  const [state, next, element_t] = [value.state, value.model, value.axis ? "input[:, t:t+1]" : "input[t:t+1]"];
  role("at_once").textContent = `output, ${state} = ${next}(input, ${state})`;
  role("one_by_one").textContent = `for t in range(${value.steps}):\n    output, ${state} = ${next}(${element_t}, ${state})`;
  role("difference").textContent = value.difference;
  role("other").textContent = value.other_difference ?? "";
  role("other").parentElement.hidden = value.other_difference === null; // torch.nn has no such layer
  role("cannot").hidden = value.steppable || value.steps === 1; // of a single step both directions see all
  element.querySelector("[data-word='stepping.reading']").hidden = !role("cannot").hidden;
  role("cannot").textContent = words["stepping.cannot"] ?? "";
  role("shown").textContent = rnnlab.fill(words["stepping.shown"], { rows: value.rows, units: columns.join(", "), first: rows.length, steps: value.steps });
  player.words({ label: words["stepping.step"], play: words["stepping.play"], pause: words["stepping.pause"] });
  player.count(rows.length + 1);
  player.set(rows.length);
}

// The rows that have been fed; the others are still to come.
function feed(fed) {
  for (const name of ["stepped", "gap"]) {
    role(name).querySelectorAll("tbody tr").forEach((row, t) => {
      row.classList.toggle("later", t >= fed);
      row.classList.toggle("now", t === fed - 1 && fed < value.whole.length);
    });
  }
}

function speak(known) {
  words = known;
  player ??= rnnlab.player(role("feed"), {
    label: words["stepping.step"], play: words["stepping.play"], pause: words["stepping.pause"],
    perSecond: 1.5, show: feed, text: (fed) => `${fed} / ${value.whole.length}`,
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
