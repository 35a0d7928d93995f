// @ts-check
// The acrostic: its lines with the price of each head, a card to take along, and the candidates of each line. What a model
// wrote is set as text. The panel is on the page once, so its state is the module's.

import { decimal, number, percent, whole } from "../../frontend/lib/numbers.js";
import { followLanguage, language, make, roles } from "../../frontend/lib/page.js";
import { recall, rememberOnLeave } from "../../frontend/lib/storage.js";
import { copyText, saveFile, savePng } from "../../frontend/lib/take.js";
import { direction, fill, languageOfScript } from "../../frontend/lib/text.js";
import { acrosticCard } from "./acrostic_card.js";

/** @import { Acrostic, AcrosticLine, PanelContext, Words } from "../../frontend/types.d.ts" */

const STORAGE_KEY = "rnnlab_acrostic";
const SAID = 2500; // milliseconds for which it stands that the text is copied

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Words} */
let words = {};
/** @type {Acrostic | null} */
let value = null;

const poemText = () => value.lines.map(({ parts }) => parts.join("")).join("\n");

function draw() {
  const lines = value?.lines ?? [], isWhole = value && lines.length === value.total;
  role("state").textContent = !value ? words["acrostic.empty"] ?? "" : isWhole ? "" : fill(words["acrostic.of"], { done: lines.length, total: value.total });
  role("whole").hidden = !lines.length;
  role("poem").replaceChildren(...lines.map(lineElement));
  for (const name of ["copy", "png", "svg"]) role(name).disabled = !isWhole;
  role("total").textContent = isWhole ? total() : "";
  role("rule").textContent = value ? words[`acrostic.candidates.${value.at}`] ?? "" : "";
  role("candidates").replaceChildren(...(value ? [candidates()] : []));
}

/** @param {AcrosticLine} line */
function lineElement({ parts, ...line }) {
  const text = parts.join(""), [before, head, after] = parts;
  const verse = make("div", "verse", before, make("b", "", head), after);
  Object.assign(verse, { dir: direction(text) || "ltr", lang: languageOfScript(text) });
  return make("li", "", verse, make("div", "price", ...priceOf(line)));
}

/** @param {Omit<AcrosticLine, "parts">} line */
function priceOf({ head, rank, probability, likeliest, instead, nearest, measure }) {
  if (rank === null) {
    const facts = { head, nearest: nearest.join(language().startsWith("zh") ? "、" : ", "), read: nearest[0] };
    return [make("span", "", fill(words[`acrostic.${measure || "unknown"}`], facts))];
  }
  const price = fill(words["acrostic.price"], { rank: whole(rank), share: share(probability) });
  return rank === 1 ? [price] : [price, " · ", make("span", "", fill(words["acrostic.instead"], { token: likeliest, share: percent(instead) }))];
}

/** @param {number | null} p a small one with its first digits */
const share = (p) => (p !== null && p < 0.001 && p > 0 ? number(p, 2) : percent(p));

function total() {
  const known = value.lines.flatMap(({ bits }) => (bits === null ? [] : [bits])), bits = known.reduce((sum, own) => sum + own, 0);
  if (!known.length) return words["acrostic.total_none"] ?? "";
  const facts = { count: whole(known.length), bits: decimal(bits, 1), mean: decimal(bits / known.length, 1), low: value.low, high: value.high };
  return fill(words[value.has_words ? "acrostic.total_words" : "acrostic.total"], facts);
}

function candidates() {
  const head = ["line", "candidate", "end", value.at === "start" ? "next_head" : "own_head"].map((name, column) => {
    const cell = make("th", column > 1 ? "number" : "", words[`acrostic.${name}`]);
    cell.scope = "col";
    return cell;
  });
  const rows = value.lines.flatMap((line, index) => line.candidates.map(([text, end, forced], k) => make(
    "tr", `${k ? "" : "first"} ${k === line.chosen ? "chosen" : ""}`.trim(), make("td", "", k ? "" : whole(index + 1)),
    make("td", "", `${k === line.chosen ? "▸ " : "\u2007 "}${text}`), make("td", "number", share(end)), make("td", "number", share(forced)),
  )));
  return make("table", "", make("thead", "", make("tr", "", ...head)), make("tbody", "", ...rows));
}

// --- to take along ---

async function copy() {
  const done = await copyText(poemText());
  say(words[done ? "acrostic.copied" : "acrostic.not_copied"]);
}

/** @param {string | undefined} text */
function say(text) {
  role("done").textContent = text ?? "";
  setTimeout(() => { role("done").textContent = ""; }, SAID);
}

/** @param {"png" | "svg"} kind */
async function savePicture(kind) {
  const foot = fill(words["acrostic.foot"], { model: words[`model.${value.model}`], seed: value.seed });
  const card = acrosticCard(value.lines.map(({ parts }) => parts), foot, direction(poemText()) === "rtl");
  const name = value.lines.map(({ head }) => head).join("").replace(/[^\p{L}\p{N}]/gu, "") || "acrostic";
  if (kind === "svg") saveFile(new Blob([card.svg], { type: "image/svg+xml" }), `${name}.svg`);
  else await savePng(card, `${name}.png`);
}

/** @param {PanelContext<Acrostic | null>} context */
export function attach({ element, props, watch }) {
  role = roles(element);
  const stored = recall(STORAGE_KEY);
  value = props.value ?? (stored?.lines ? stored : null);
  rememberOnLeave(STORAGE_KEY, () => value);
  watch("value", () => {
    value = props.value;
    draw();
  });
  role("copy").addEventListener("click", copy);
  role("png").addEventListener("click", () => savePicture("png"));
  role("svg").addEventListener("click", () => savePicture("svg"));
  followLanguage(element, "generate", (known) => { words = known; draw(); });
}
