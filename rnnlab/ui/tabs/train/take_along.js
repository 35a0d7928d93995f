// @ts-check
// Take the run along that the live panel shows: links to its script, notebook, numbers and model, its picture as the
// browser draws it, and lines of Python that read the model. The panel is on the page once.

import { followLanguage, language, plotly, queryAll, roles } from "../../frontend/lib/page.js";
import { followShown } from "../../frontend/lib/shown_run.js";
import { copyText } from "../../frontend/lib/take.js";
import { pictureName, printed } from "./picture.js";

/** @import { PanelContext, TakeAlong, TrainPayload, Words } from "../../frontend/types.d.ts" */
/** @import { ShownRun } from "../../frontend/lib/shown_run.js" */

const COPIED = 2000; // milliseconds for which the button says that the lines are copied

/** @type {HTMLElement} */
let panel;
/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Words} */
let words = {};
/** @type {ShownRun | null} */
let run = null;
let asked = ""; // the run whose reader was asked for

const isOpen = () => /** @type {HTMLDetailsElement} */ (role("take")).open;

/** @param {ShownRun} shown */
function show(shown) {
  run = shown;
  role("take").hidden = !run.epoch; // before the first epoch there is nothing to take
  for (const link of queryAll(panel, "[data-kind]")) {
    /** @type {HTMLAnchorElement} */ (link).href = `lab/${run.reference}/export/${link.dataset.kind}`;
  }
  if (isOpen()) showReader();
}

/** @param {string} reference @returns {Promise<TakeAlong | null>} null where the server does not answer, or has no such run */
async function aboutRun(reference) {
  try {
    const response = await fetch(`lab/${reference}/export`);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

// The lines that read the model, and whether the text has a name: both depend on the run, not on its epoch.
async function showReader() {
  if (!run || asked === run.reference) return;
  const mine = asked = run.reference, about = await aboutRun(mine);
  if (mine !== run.reference) return;
  if (!about) asked = ""; // the server may be restarting: ask again at the next epoch, or when it is opened again
  role("lines").textContent = about?.reader?.trimEnd() ?? "";
  role("reader").hidden = !about?.reader;
  role("no_reader").hidden = !about?.model || about.reader !== null;
  for (const link of queryAll(panel, "[data-kind=text]")) link.hidden = !about?.text;
  role("model").hidden = about?.model === false;
}

function refreshReader() {
  asked = "";
  showReader();
}

async function copy() {
  const button = role("copy"), lines = role("lines");
  if (!await copyText(lines.textContent + "\n")) {
    getSelection()?.selectAllChildren(lines);
    role("status").textContent = words["copy.select"] ?? "";
    return;
  }
  button.textContent = role("status").textContent = words["copy.done"] ?? "";
  setTimeout(() => { button.textContent = words.copy ?? ""; role("status").textContent = ""; }, COPIED);
}

/** @param {HTMLElement} button */
async function savePicture(button) {
  if (!run) return;
  const format = /** @type {"svg" | "png"} */ (button.dataset.picture), { reference } = run;
  for (const each of /** @type {NodeListOf<HTMLButtonElement>} */ (queryAll(panel, "[data-picture]"))) each.disabled = true;
  role("status").textContent = words.drawing ?? "";
  try {
    const [Plotly, response] = await Promise.all([plotly(), fetch(`lab/${reference}?lang=${language()}`)]);
    /** @type {TrainPayload} */
    const payload = await response.json();
    const { options, ...figure } = printed(payload.figure, payload.title, format);
    const link = document.createElement("a");
    Object.assign(link, { href: await Plotly.toImage(figure, options), download: pictureName(payload, format) });
    link.click();
    role("status").textContent = "";
  } catch {
    role("status").textContent = words.not_drawn ?? "";
  }
  for (const each of /** @type {NodeListOf<HTMLButtonElement>} */ (queryAll(panel, "[data-picture]"))) each.disabled = false;
}

/** @param {PanelContext<null>} context */
export function attach({ element }) {
  panel = element;
  role = roles(element);
  asked = "";
  role("take").addEventListener("toggle", () => { if (isOpen()) refreshReader(); });
  queryAll(element, "[data-kind=model]")[0].addEventListener("click", refreshReader); // the lines name the file that is saved
  role("copy").addEventListener("click", copy);
  for (const button of queryAll(element, "[data-picture]")) button.addEventListener("click", () => savePicture(button));
  followLanguage(element, "take", (known) => {
    words = known;
    role("copy").textContent = words.copy ?? "";
  });
  followShown("train", show);
}
