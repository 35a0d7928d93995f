// An embedding's lookup beside one-hot × W, and what padding_idx does. `props.value`: the fields of `lookup` and, under
// `padding`, those of `padding`.
const role = (name) => element.querySelector(`[data-role=${name}]`);
let words = {}, value = null, chosen = 0;

const sign = (text) => rnnlab.make("span", "sign", text);
const shape = (...sizes) => `(${sizes.join(", ")})`;

function draw() {
  if (!value) return;
  const [rows, steps, embeddings, size] = [value.ids.length, value.ids[0].length, value.weight.length, value.weight[0].length];
  const ids = value.ids.flat(), numbers = value.weight.map((_, id) => `${id}`);
  const title = (text) => Object.assign(document.createElement("span"), { className: "label", textContent: text });
  role("ids").replaceChildren(title(`${words["lookup.ids"]} ${shape(rows, steps)}`), ...ids.map((id, place) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: id });
    if (place && place % steps === 0) button.className = "next-row";
    button.addEventListener("click", () => choose(place));
    return button;
  }));
  const flat = (tensor) => tensor.flat();
  const table = (values, caption, options) => rnnlab.heat({ values, caption, rows: ids.map(String), limit: 2.5, ...options });
  role("tables").replaceChildren(
    table(flat(value.one_hot), "one_hot(ids)", { shape: shape(rows, steps, embeddings), scale: "probability", columns: numbers, limit: 1 }), sign("×"),
    table(value.weight, "W", { shape: shape(embeddings, size), rows: numbers }), sign("="),
    table(flat(value.product), words["lookup.by_product"], { shape: shape(rows, steps, size) }), sign("="),
    table(flat(value.rows), "embedding(ids)", { shape: shape(rows, steps, size) }),
  );
  role("sizes").textContent = words["lookup.fits"] ?? "";
  role("difference").textContent = value.difference;
  drawPadding(numbers, size);
  choose(Math.min(chosen, ids.length - 1));
}

function drawPadding(numbers, size) {
  const { ids, weight, rows, gradient, gradient_without: without } = value.padding;
  const all = shape(numbers.length, size);
  role("padding").replaceChildren(
    rnnlab.heat({ values: weight, rows: numbers, caption: "W", shape: all, limit: 2.5, lit: { row: 0 } }),
    rnnlab.heat({ values: rows[0], rows: ids[0].map(String), caption: words["lookup.looked_up"], shape: shape(1, ids[0].length, size), limit: 2.5 }),
    rnnlab.heat({ values: without, rows: numbers, caption: words["lookup.without"], shape: all, scale: "probability", limit: 2, lit: { row: 0 } }),
    rnnlab.heat({ values: gradient, rows: numbers, caption: words["lookup.with"], shape: all, scale: "probability", limit: 2, lit: { row: 0 } }),
  );
}

// Light up one id: its button, its row on both sides, and row id of W.
function choose(place) {
  chosen = place;
  const id = value.ids.flat()[place];
  role("ids").querySelectorAll("button").forEach((button, i) => button.setAttribute("aria-pressed", String(i === place)));
  role("tables").querySelectorAll("table").forEach((table, which) => {
    const row = which === 1 ? id : place;
    for (const cell of table.querySelectorAll("tbody td")) {
      cell.classList.toggle("lit", Number(cell.dataset.row) === row && (which !== 0 || Number(cell.dataset.column) === id));
    }
    table.querySelectorAll("tbody th").forEach((head, i) => head.classList.toggle("lit", i === row));
  });
}

watch("value", () => {
  if (rnnlab.refused(element.querySelector(".exhibit"), props.value, words.kept)) return;
  value = props.value;
  draw();
});
value = props.value;
rnnlab.speak(element, "layers", (known) => { words = known; draw(); });
