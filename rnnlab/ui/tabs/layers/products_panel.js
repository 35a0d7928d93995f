// X W_xh + H W_hh beside [X, H] [W_xh; W_hh]. `props.value` holds every matrix of `two_products`, and `difference`.
const role = (name) => element.querySelector(`[data-role=${name}]`);
let words = {}, value = null, at = { row: 0, column: 0 };

const digits = 2;
const decimal = (x) => rnnlab.decimal(x, digits);
const sign = (text) => rnnlab.make("span", "sign", text);

function draw() {
  if (!value) return;
  const [ins, units] = [value.x[0].length, value.h[0].length];
  const joined = [...Array.from({ length: ins }, () => "x"), ...Array.from({ length: units }, () => "h")];
  const matrix = (name, caption, kind, options = {}) => {
    const values = value[name], table = rnnlab.heat({ values, caption, shape: `(${values.length}, ${values[0].length})`, limit: 3, digits, ...options });
    table.dataset.kind = kind; // "left": a row of it made the number; "right": a column; "result": the number itself
    return table;
  };
  role("sum").replaceChildren(
    matrix("x", "X", "left"), sign("×"), matrix("w_xh", "W_xh", "right"), sign("+"),
    matrix("h", "H", "left"), sign("×"), matrix("w_hh", "W_hh", "right"), sign("="), matrix("total", "X W_xh + H W_hh", "result"),
  );
  role("one").replaceChildren(
    matrix("side_by_side", "[X, H]", "left", { columns: joined }), sign("×"), matrix("stacked", "[W_xh; W_hh]", "right", { rows: joined }),
    sign("="), matrix("product", "[X, H] [W_xh; W_hh]", "result"),
  );
  for (const table of element.querySelectorAll("[data-kind=result]")) {
    table.tabIndex = 0;
    table.setAttribute("aria-label", words["products.result"] ?? "");
    table.addEventListener("pointerover", ({ target }) => target.dataset.row && light(Number(target.dataset.row), Number(target.dataset.column)));
    table.addEventListener("keydown", walk);
  }
  role("sizes").textContent = words["products.fits"] ?? "";
  role("difference").textContent = value.difference;
  light(at.row, at.column);
}

// Light up the row and the column that made one number, and write its sum out.
function light(row, column) {
  at = { row, column };
  for (const table of element.querySelectorAll("[data-kind]")) {
    const { kind } = table.dataset;
    for (const cell of table.querySelectorAll("tbody td")) {
      const fits = (kind === "right" || Number(cell.dataset.row) === row) && (kind === "left" || Number(cell.dataset.column) === column);
      cell.classList.toggle("lit", fits);
    }
  }
  const terms = value.side_by_side[row].map((left, k) => `${decimal(left)}·${decimal(value.stacked[k][column])}`.replaceAll("·−", "·(−").replace(/·\(−[\d.]+/, "$&)"));
  role("made").textContent = `${terms.join("  +  ")}  =  ${decimal(value.product[row][column])}`;
}

function walk(event) {
  const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [0, 0];
  if (!down && !right) return;
  event.preventDefault();
  const bounded = (place, count) => Math.max(0, Math.min(count - 1, place));
  light(bounded(at.row + down, value.total.length), bounded(at.column + right, value.total[0].length));
}

watch("value", () => {
  if (rnnlab.refused(element.querySelector(".exhibit"), props.value, words.kept)) return;
  value = props.value;
  draw();
});
value = props.value;
rnnlab.speak(element, "layers", (known) => { words = known; draw(); });
