// @ts-check
// The same gradients in up to three ways. The panel is on the page once, so its state is the module's.

import { make, roles } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";
import { followValue } from "./exhibit.js";

/** @import { GradientsValue, PanelContext, Words } from "../../frontend/types.d.ts" */

const ALL_WAYS = 3; // of a cell that lacks none

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Words} */
let words = {};

/** @param {string} way */
const nameOf = (way) => words[`gradients.${way}`] ?? way;

/** @param {GradientsValue} value @param {Words} known */
function draw(value, known) {
  words = known;
  role("ways").replaceChildren(...value.ways.map((way, i) => {
    const time = make("span", "time", fill(words["gradients.milliseconds"], { ms: value.milliseconds[i] }));
    const about = make("span", "about", words[`gradients.${way}_about`]);
    const node = make("p", "way", make("b", "", nameOf(way)), make("br"), time, make("br"), about);
    node.dataset.way = way;
    return node;
  }));
  role("table").replaceChildren(tableOf(value));
  role("missing").textContent = value.ways.length < ALL_WAYS ? words["gradients.missing"] : "";
}

/** @param {GradientsValue} value */
function tableOf(value) {
  const table = make("table", "three"), head = table.createTHead().insertRow(), body = table.createTBody();
  /** @param {string} text @param {string} [className] */
  const heading = (text, className = "") => head.append(Object.assign(make("th", className, text), { scope: "col" }));
  heading(words["gradients.tensor"]);
  for (const way of value.ways) heading(nameOf(way));
  for (const [one, other] of value.pairs) heading(`${nameOf(one)} − ${nameOf(other)}`, "difference");
  for (const row of value.rows) {
    const name = row.gradient ? fill(words["gradients.of"], { ...row }) : row.name;
    fillLine(body.insertRow(), name, row.values, row.differences).append(make("small", "", `(${row.shape.join(", ")})`));
  }
  const last = body.insertRow();
  last.className = "largest";
  fillLine(last, words["gradients.largest"], value.ways.map(() => ""), value.largest);
  return table;
}

/**
 * Fill a line of the table and return its heading.
 * @param {HTMLTableRowElement} line
 * @param {string} name
 * @param {string[]} values
 * @param {string[]} differences
 */
function fillLine(line, name, values, differences) {
  const heading = Object.assign(make("th", "", name), { scope: "row" });
  line.append(heading, ...values.map((text) => make("td", "", text)), ...differences.map((text) => make("td", "difference", text)));
  return heading;
}

/** @param {PanelContext<any>} context */
export function attach(context) {
  role = roles(context.element);
  const drawEmpty = (/** @type {Words} */ known) => role("table").replaceChildren(make("p", "", known["gradients.wait"]));
  followValue(context, ".exhibit", draw, drawEmpty);
}
