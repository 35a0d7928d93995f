// @ts-check
// The dialog for visitors who come from a tutorial (`rnnlab/ui/tutorial_dialog.py`): a line opens a tab and sets fields.

import { isFilled, touch } from "./form.js";
import { openPart, openTab } from "./switches.js";

const PATIENCE = 5000; // milliseconds until a tab that has just been opened has its fields

/** What the chosen line sets, by the id of the field. @type {Record<string, any>} */
let wanted = {};

/**
 * Return the fields' values with those of the chosen line; Gradio asks for them (`connect_dialog`).
 * @param {string[]} ids
 * @param {any[]} values what the fields have
 */
export function tutorialFields(ids, values) {
  const found = ids.map((id, i) => (id in wanted ? wanted[id] : values[i]));
  wanted = {};
  return found;
}

/** @param {() => boolean} test @returns {Promise<void>} when the test holds, or after PATIENCE */
const until = async (test) => {
  const end = performance.now() + PATIENCE;
  while (!test() && performance.now() < end) await new Promise(requestAnimationFrame);
};

/** @param {HTMLElement} line */
async function choose({ dataset: { tab, part, form, fields } }) {
  const values = JSON.parse(fields);
  openTab(tab);
  if (part) await until(() => openPart(part));
  await until(() => Boolean(document.getElementById(Object.keys(values)[0])));
  if (form) await until(() => isFilled(form)); // a form that is filled later would set them anew
  if (part) openPart(part); // Gradio opens the first part once more when it has built the tab
  wanted = values;
  touch(Object.keys(values));
  document.getElementById("tutorial-chosen")?.click();
}

/** Listen to the button in the header and to the dialog; once, before Gradio builds the page. */
export function watchTutorials() {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("tutorials"));
    if (event.target.closest("[data-door]")) dialog?.showModal();
    if (event.target === dialog || event.target.closest("[data-close]")) dialog?.close(); // or a click beside the dialog
    const line = /** @type {HTMLElement | null} */ (event.target.closest("#tutorials [data-fields]"));
    if (!line) return;
    dialog?.close();
    choose(line);
  });
}
