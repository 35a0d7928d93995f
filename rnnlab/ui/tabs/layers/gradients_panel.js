// The same gradients in up to three ways. `props.value`: null before they are asked for, else {ways, milliseconds, pairs,
// largest, rows}; a row is {name, shape, gradient, values (a text for each way), differences (a text for each pair)}.
const role = (name) => element.querySelector(`[data-role=${name}]`);
const { make } = rnnlab;
const ALL = 3; // ways, of a cell that lacks none
let words = {}, value = null;

const say = (way) => words[`gradients.${way}`] ?? way;

function draw() {
  if (!value) return role("table").replaceChildren(make("p", "", words["gradients.wait"]));
  role("ways").replaceChildren(...value.ways.map((way, i) => {
    const node = make("p", "way");
    node.dataset.way = way;
    const time = make("span", "time", rnnlab.fill(words["gradients.milliseconds"], { ms: value.milliseconds[i] }));
    node.append(make("b", "", say(way)), make("br"), time, make("br"), make("span", "about", words[`gradients.${way}_about`]));
    return node;
  }));
  role("table").replaceChildren(table());
  role("missing").textContent = value.ways.length < ALL ? words["gradients.missing"] : "";
}

function table() {
  const node = make("table", "three"), head = node.createTHead().insertRow(), body = node.createTBody();
  const heading = (text, className = "") => head.append(Object.assign(make("th", className, text), { scope: "col" }));
  heading(words["gradients.tensor"]);
  for (const way of value.ways) heading(say(way));
  for (const [one, other] of value.pairs) heading(`${say(one)} − ${say(other)}`, "difference");
  for (const row of value.rows) {
    const name = row.gradient ? rnnlab.fill(words["gradients.of"], row) : row.name;
    fill(body.insertRow(), name, row.values, row.differences).append(make("small", "", `(${row.shape.join(", ")})`));
  }
  const last = body.insertRow();
  last.className = "largest";
  fill(last, words["gradients.largest"], value.ways.map(() => ""), value.largest);
  return node;
}

// Fills a line of the table; returns its heading.
function fill(line, name, values, differences) {
  const heading = Object.assign(make("th", "", name), { scope: "row" });
  line.append(heading, ...values.map((text) => make("td", "", text)), ...differences.map((text) => make("td", "difference", text)));
  return heading;
}

watch("value", () => {
  if (rnnlab.refused(element.querySelector(".exhibit"), props.value, words.kept)) return;
  value = props.value;
  draw();
});
value = props.value;
rnnlab.speak(element, "layers", (known) => { words = known; draw(); });
