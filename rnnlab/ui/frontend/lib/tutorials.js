// @ts-check
// The dialog for visitors who come from a tutorial (`rnnlab/ui/tutorial_dialog.py`): a line opens a tab and sets fields.

import { openPlace, setFields } from "./stage.js";
import { openPart } from "./switches.js";

/** @param {HTMLElement} line */
async function choose({ dataset: { tab, part, form, fields } }) {
  await openPlace(tab, part);
  await setFields(JSON.parse(fields), form);
  if (part) openPart(part); // Gradio opens the first part once more when it has built the tab
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
