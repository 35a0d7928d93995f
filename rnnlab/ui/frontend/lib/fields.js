// @ts-check
// Fields whose values stay over a reload (`session/persistence.py` calls `keep` and `kept`), and fields that the server
// has refused, which are marked with the message beside them.

import { recall, remember } from "./storage.js";
import { make, queryAll } from "./page.js";

// --- over a reload ---

/** @param {string} name */
const storageKey = (name) => `rnnlab_fields_${name}`;
export const UNCHANGED = { __type__: "update" }; // Gradio's word for an output that stays as it is
/** @type {Set<string>} names that have been restored; before that the page's own first values must not be stored */
const restored = new Set();

/** @param {string} name @returns {boolean} whether the fields show what they showed before a reload */
export const isRestored = (name) => restored.has(name);

/**
 * Store what the fields of a part of the page show.
 * @param {string} name
 * @param {any[]} values
 */
export function keep(name, values) {
  if (restored.has(name)) remember(storageKey(name), values);
}

/**
 * Return what the fields showed before a reload, else `first`, as Gradio takes it.
 * @param {string} name
 * @param {number} count
 * @param {any[]} first
 */
export function kept(name, count, first) {
  restored.add(name);
  const stored = recall(storageKey(name));
  const values = Array.isArray(stored) && stored.length === count ? stored : first; // else: another version of the page
  return Array.from({ length: count }, (_, i) => values[i] ?? UNCHANGED);
}

// --- refusals ---

const CONTROL = "input:not([type=hidden]), textarea, button";

/** @param {ParentNode} part takes the marks within it away */
function unmark(part) {
  for (const field of queryAll(part, "[data-refused-field]")) {
    field.removeAttribute("data-refused-field");
    field.querySelector(":scope > .refusal")?.remove();
    for (const control of queryAll(field, "[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    }
  }
}

/**
 * Mark a component as refused until it is edited.
 * @param {string} id
 * @param {Node} [message] what stands beside it; without one it stands elsewhere
 * @returns {boolean} whether the component is on the page
 */
export function mark(id, message) {
  const component = document.getElementById(id);
  if (!component) return false;
  const field = component.matches("button, input, textarea") ? component.parentElement : component;
  const control = component === field ? /** @type {HTMLElement | null} */ (field.querySelector(CONTROL)) : component;
  if (!control) return false;
  unmark(field.parentElement);
  field.dataset.refusedField = id;
  control.setAttribute("aria-invalid", "true");
  if (!message) return true;
  const note = Object.assign(make("p", "refusal", message), { id: `${id}-refusal` });
  note.setAttribute("role", "alert");
  field.append(note);
  control.setAttribute("aria-describedby", note.id);
  if (component !== field) note.style.insetInlineStart = `${component.offsetLeft}px`; // a button among others
  if (note.getBoundingClientRect().right > innerWidth - 12) Object.assign(note.style, { insetInlineStart: "auto", insetInlineEnd: "0" });
  if (control.offsetParent && !field.contains(document.activeElement)) control.focus({ preventScroll: false });
  return true;
}

// The server refuses in a message of Gradio's that names the field: <output for="its id">. Once the message stands
// beside the field, panel.css hides the box. One about no field stays until it is closed or something else is done.
/** @param {Element} box */
function moveMessages(box) {
  const outputs = /** @type {NodeListOf<HTMLOutputElement>} */ (box.querySelectorAll("[data-testid=toast-text] output[for]:not(.kept)"));
  for (const output of outputs) {
    const text = make("span", "", ...[...output.childNodes].map((node) => node.cloneNode(true)));
    if (!mark(output.htmlFor.value, text)) continue;
    output.className = "kept";
    output.closest(".toast-message-item")?.setAttribute("data-kept", "");
  }
}

function closeMessages() {
  for (const box of queryAll(document, ".toast-body.error")) /** @type {HTMLElement | null} */ (box.querySelector("[data-testid=toast-close]"))?.click();
}

/** Show refusals beside their fields, and take them away with the next edit or press of a button. */
export function watchRefusals() {
  for (const name of ["input", "change"]) document.addEventListener(name, ({ target }) => {
    const field = target instanceof Element && target.closest("[data-refused-field]");
    if (field) unmark(field.parentElement);
  });
  new MutationObserver((changes) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      const box = node instanceof Element && (node.closest(".toast-wrap") ?? node.querySelector(".toast-wrap"));
      if (box) moveMessages(box);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("click", ({ target, isTrusted }) => {
    const button = target instanceof Element && target.closest("[role=tabpanel] button");
    if (!button || !isTrusted || button.closest(".toast-wrap, .player, [role=listbox]")) return;
    closeMessages();
    unmark(button.closest("[role=tabpanel]"));
  }, { capture: true });
}

/** Have a file dialog offer the right kinds first; others can be chosen, and the server refuses them in the page's language. */
export function watchUploadButtons() {
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest("button[id]"), input = button && button.previousElementSibling;
    if (!(input instanceof HTMLInputElement && input.type === "file")) return;
    const { accept } = window.gradio_config.components.find((/** @type {any} */ { props }) => props.elem_id === button.id)?.props ?? {};
    if (accept) input.accept = accept.join(",");
  }, { capture: true });
}
