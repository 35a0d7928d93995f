// @ts-check
// What followed the characters that were typed: a table of them, and below it how the n-gram model backs off. Texts are
// set as text. The panel is on the page once, so its state is the module's.

import { decimal, percent, whole } from "../../frontend/lib/numbers.js";
import { showFormulas } from "../../frontend/lib/formulas.js";
import { followLanguage, joinSentences, make, roles } from "../../frontend/lib/page.js";
import { recall, rememberOnLeave } from "../../frontend/lib/storage.js";
import { fill, visible } from "../../frontend/lib/text.js";

/** @import { FollowersTable, PanelContext, Words } from "../../frontend/types.d.ts" */

const STORAGE_KEY = "rnnlab_followers";

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Words} */
let words = {};
/** @type {FollowersTable | null} */
let value = null;

/** @param {string} text with signs for what cannot be seen, between marks that keep its direction */
const signs = (text) => (text ? `\u2068${[...text].map(visible).join("")}\u2069` : words["followers.nothing"]);

function draw() {
  role("both").hidden = !value;
  role("state").textContent = value ? sentences() : words["followers.empty"] ?? "";
  if (!value) return;
  const more = value.different - value.rows.length;
  role("table").replaceChildren(followers(), ...(more > 0 ? [make("p", "more", fill(words["followers.more"], { count: whole(more) }))] : []));
  role("summary").textContent = fill(words["followers.levels"], { n: value.n });
  role("levels").replaceChildren(levels());
  role("reading").textContent = fill(words["followers.reading"], { n: value.n });
}

function sentences() {
  const { context, used, missing, total, different, counted } = value;
  const facts = { used: signs(used), total: whole(total), different: whole(different), counted: whole(counted) };
  return joinSentences([
    missing.length ? fill(words["followers.missing"], { missing: missing.map(visible).join(" ") }) : "",
    context === used ? "" : fill(words["followers.fall_back"], { context: signs(context), used: signs(used) }),
    fill(words["followers.caption"], facts),
  ]);
}

function followers() {
  const head = [["token", ""], ["count", "number"], ["share", "number"], ["model", "number"], ["where", ""]]
    .map(([name, className]) => headCell(fill(words[`followers.${name}`], { n: value.n }), className));
  const rows = value.rows.map(({ token, count, share, probability, line, before, run, after }) => {
    const bar = make("i", "bar");
    bar.style.width = `${Math.max(share * 100, 1)}%`;
    const where = make("td", "place", make("small", "", whole(line)), before, make("b", "", [...run].map((c) => (c === " " ? c : visible(c))).join("")), after);
    return make("tr", "", rowHead(visible(token)), number(whole(count)), make("td", "number", make("span", "track", bar), make("span", "percent", percent(share))),
      number(percent(probability)), where);
  });
  return table(head, rows);
}

function levels() {
  const head = [["context", ""], ["total", "number"], ["different", "number"], ["discount", "number"], ["passed_on", "number"]]
    .map(([name, className]) => headCell(words[`followers.${name}`], className));
  const rows = value.levels.map(({ context, total, different, discount, passed_on }) => {
    const counted = total
      ? [number(whole(total)), number(whole(different)), number(decimal(discount, 3))]
      : [number(words["followers.never"]), number("–"), number("–")];
    return make("tr", total ? "" : "never", rowHead(signs(context)), ...counted, number(percent(passed_on)));
  });
  const last = make("tr", "", rowHead(words["followers.uniform"]), number("1/V"), number(""), number(""), number(percent(value.uniform)));
  return table(head, [...rows, last]);
}

/** @param {Node[]} head @param {Node[]} rows */
const table = (head, rows) => make("table", "", make("thead", "", make("tr", "", ...head)), make("tbody", "", ...rows));
/** @param {string | undefined} text */
const number = (text) => make("td", "number", text);

/** @param {string | undefined} text @param {string} className */
function headCell(text, className) {
  const cell = make("th", className, text);
  cell.scope = "col";
  return cell;
}

/** @param {string | undefined} text */
function rowHead(text) {
  const cell = make("th", "", text);
  cell.scope = "row";
  return cell;
}

/** @param {PanelContext<FollowersTable | null>} context */
export function attach({ element, props, watch }) {
  role = roles(element);
  showFormulas(element);
  const stored = recall(STORAGE_KEY);
  value = props.value ?? (stored?.rows ? stored : null);
  rememberOnLeave(STORAGE_KEY, () => value);
  watch("value", () => {
    value = props.value;
    draw();
  });
  followLanguage(element, "generate", (known) => { words = known; draw(); });
}
