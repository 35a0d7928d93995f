// @ts-check
// A text cut into minibatches. In the value starts[sampling][batch][row] is where in the text a row of X begins; it is
// `steps` tokens long, and its Y is the same stretch one token further on. The panel is on the page once, so its state
// is the module's.

import { make, queryAll, roles } from "../../frontend/lib/page.js";
import { player } from "../../frontend/lib/player.js";
import { fill, visible } from "../../frontend/lib/text.js";
import { followValue } from "./exhibit.js";

/** @import { BatchesValue, PanelContext, Words } from "../../frontend/types.d.ts" */

/** @type {("random" | "sequential")[]} */
const SAMPLINGS = ["random", "sequential"];
const MAX_TOKENS = 30; // of the text, with their numbers
const MAX_ENTRIES = 16; // of the vocabulary
const COLOURS = 8;

/** @type {HTMLElement} */
let panel;
/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Words} */
let words = {};
/** @type {BatchesValue} */
let value;
/** @type {ReturnType<typeof player> | null} */
let slider = null;

/** @param {string} token @param {number} id */
const chip = (token, id) => make("span", "chip", make("span", "", visible(token)), make("small", "", id));
/** @param {string} sampling */
const section = (sampling) => panel.querySelector(`[data-sampling=${sampling}]`);

/** @param {BatchesValue} given @param {Words} known */
function draw(given, known) {
  [value, words] = [given, known];
  const about = fill(words["batches.vocab_size"], { size: value.vocab_size });
  for (const name of ["vocab", "tokens", "text"]) for (const node of queryAll(panel, `[data-role=${name}]`)) node.dir = "auto";
  role("vocab").replaceChildren(...value.vocab.slice(0, MAX_ENTRIES).map(chip), make("span", "more", `${value.vocab_size > MAX_ENTRIES ? "… " : ""}${about}`));
  role("tokens").replaceChildren(...value.tokens.slice(0, MAX_TOKENS).map((token, place) => chip(token, value.ids[place])));
  if (value.tokens.length > MAX_TOKENS) role("tokens").append(make("span", "more", "…"));
  for (const sampling of SAMPLINGS) {
    const text = role("text", section(sampling));
    text.replaceChildren(...value.tokens.map((token) => make("span", "token", visible(token))));
    text.classList.toggle("wide", value.tokens.some((token) => token.length > 1));
  }
  const labels = { label: words["batches.batch"], play: words["batches.play"], pause: words["batches.pause"] };
  slider ??= player(role("player"), { ...labels, perSecond: 0.8, presenter: true, show });
  slider.words(labels);
  slider.count(Math.max(...SAMPLINGS.map((sampling) => value.starts[sampling].length)));
  slider.set(0);
}

/** @param {number} batch */
function show(batch) {
  for (const sampling of SAMPLINGS) {
    const starts = value.starts[sampling][batch], place = section(sampling), tokens = [...role("text", place).children];
    for (const token of tokens) token.className = "token";
    const pair = role("pair", place);
    if (!starts) {
      pair.replaceChildren(make("p", "none", fill(words["batches.none"], { count: value.starts[sampling].length })));
      continue;
    }
    starts.forEach((start, row) => {
      for (let t = 0; t < value.steps; t++) {
        tokens[start + t].classList.add("x", `row${row % COLOURS}`);
        tokens[start + t + 1].classList.add("y", `under${row % COLOURS}`);
      }
    });
    role("text", place).setAttribute("aria-label", fill(words["batches.cut"], { sampling: words[`batches.${sampling}`] }));
    pair.replaceChildren(batchTable("X", starts, 0), batchTable("Y", starts, 1));
  }
}

// X (shift 0) or Y (shift 1): a row per sequence, ids with the token beneath.
/** @param {string} name @param {number[]} starts @param {0 | 1} shift */
function batchTable(name, starts, shift) {
  const table = make("table", "batch");
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

/** @param {PanelContext<any>} context */
export function attach(context) {
  [panel, role, slider] = [context.element, roles(context.element), null];
  followValue(context, ".exhibit", draw);
}
