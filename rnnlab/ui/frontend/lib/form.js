// @ts-check
// The form of a tab that trains, and the run that its picture shows. After a reload and in a second window the form has
// the run's settings, and over them the edits of this browser tab; a field that differs from the run is marked "for the
// next run". `components/form_restore.py` calls `fill`, `edited`, `byHand` and `anew` by `rnnlab.form`.

import { onChange, queryAll, withWords } from "./page.js";
import { recall, remember } from "./storage.js";
import { fill as fillText } from "./text.js";

/** @typedef {Record<string, any>} Settings values by the id of their field */

/**
 * @typedef {object} Form
 * @property {string} run the reference of the visitor's run; "" while a default run is shown
 * @property {Settings | null} settings of the run that is shown
 * @property {Settings | null} base the run's settings, from which edits differ
 * @property {Settings} [start] what the fields showed first
 * @property {Settings} [given] values that `fill` has put in and whose change event has not come yet
 * @property {Settings} [driven] values that a script has set (`drive.js`), which a later `fill` keeps until they are edited
 * @property {Settings} [seen] the last value of each field that `anew` compares with
 * @property {any[] | null} values of the fields, in the order of `ids`
 * @property {string[]} ids
 * @property {boolean} ready whether the fields have been filled
 * @property {Set<string>} filled references that have filled the fields
 * @property {string} [chosen] the panel's value with which an earlier run was made the current one last
 */

/** @type {Map<string, Form>} */
const forms = new Map();

/** @param {string} name @returns {Form} */
const formOf = (name) => {
  if (!forms.has(name)) forms.set(name, { run: "", settings: null, base: null, values: null, ids: [], ready: false, filled: new Set() });
  return forms.get(name);
};

/** @param {string} name @param {string} run */
const storageKey = (name, run) => `rnnlab_form_${name}_${run ? "run" : "new"}`;
/** @param {string} name @param {string} run @returns {Settings} */
const recallEdits = (name, run) => {
  const stored = recall(storageKey(name, run));
  return stored?.run === run ? stored.edits : {};
};

/** @param {any} a @param {any} b */
export const same = (a, b) => String(a ?? "") === String(b ?? "");

/** Ids of fields that somebody has touched before the run was found: they stay as they are. @type {Set<string>} */
const touched = new Set();

/**
 * Count fields as touched by the visitor, who has chosen what sets them.
 * @param {string[]} ids
 */
export const touch = (ids) => ids.forEach((id) => touched.add(id));

/** @param {Form} form */
const forgetTouched = (form) => { touched.clear(); form.driven = {}; };

/** @param {string} name @returns {boolean} whether the fields have been filled, so that nothing sets them any more */
export const isFilled = (name) => Boolean(forms.get(name)?.ready);

/**
 * Note values that a script is about to set: what follows from a field's change does not follow from them.
 * @param {string} name
 * @param {Settings} values
 */
export function give(name, values) {
  const form = formOf(name), has = Object.fromEntries(form.ids.map((id, i) => [id, form.values?.[i]]));
  const changed = Object.entries(values).filter(([id, value]) => !form.ready || (id in has && !same(value, has[id])));
  form.given = { ...form.given, ...Object.fromEntries(changed) };
  form.driven = { ...form.driven, ...values };
}

/** @param {string} name */
function storeEdits(name) {
  const form = formOf(name), base = form.base ?? form.start;
  if (!form.ready || !base || !form.values) return;
  /** @type {Settings} */
  const edits = {};
  form.ids.forEach((id, i) => { if (id in base && !same(form.values[i], base[id])) edits[id] = form.values[i]; });
  remember(storageKey(name, form.run), { run: form.run, edits });
}

/** Fields on which it depends whether other settings matter: train.css reads from the body what they hold. */
const DECIDING = ["model", "implementation", "encoding", "sampling", "optimizer", "grad_clip", "schedule"].map((setting) => `set-${setting}`).concat("corpus");

/** @param {string} name */
function markPending(name) {
  const form = formOf(name);
  form.ids.forEach((id, i) => { if (DECIDING.includes(id)) document.body.setAttribute(`data-${id}`, String(form.values[i] ?? "")); });
  withWords("title", (words) => form.ids.forEach((id, i) => {
    const block = document.getElementById(id), known = form.base && id in form.base;
    if (!block) return;
    const pending = Boolean(known && !same(form.values[i], form.base[id]));
    const value = known ? String(form.base[id] ?? "") : "";
    block.toggleAttribute("data-next", pending);
    if (pending) block.dataset.next = words.pending;
    for (const input of queryAll(block, "input, textarea")) {
      if (pending) input.setAttribute("aria-description", fillText(words[value ? "pending_of" : "pending"], { value }));
      else input.removeAttribute("aria-description");
    }
  }));
}

/**
 * Choose the values of the fields: what a script has set, else what was touched, else what was edited, else the run's, else what they have.
 * @param {string} name
 * @param {string[]} ids
 * @param {any[]} values what the fields have
 */
export function fill(name, ids, values) {
  const form = formOf(name), settings = form.settings ?? {}, edits = recallEdits(name, form.run), driven = form.driven ?? {};
  form.ids = ids;
  form.start ??= Object.fromEntries(ids.map((id, i) => [id, id in driven ? settings[id] ?? values[i] : values[i]]));
  form.values = ids.map((id, i) => (id in driven ? driven[id] : touched.has(id) && !same(values[i], form.start[id]) ? values[i] : edits[id] ?? settings[id] ?? values[i]));
  form.ready = true;
  form.seen = Object.fromEntries(ids.map((id, i) => [id, form.values[i]]));
  form.given = Object.fromEntries(ids.map((id, i) => [id, form.values[i]]).filter(([, value], i) => !same(value, values[i])));
  markPending(name);
  storeEdits(name);
  return form.values;
}

/**
 * Note that a field has changed.
 * @param {string} name
 * @param {string[]} ids
 * @param {any[]} values
 */
export function edited(name, ids, values) {
  Object.assign(formOf(name), { ids, values });
  storeEdits(name);
  markPending(name);
}

/**
 * Ask Python for `fill`, again until Gradio answers.
 * @param {Form} form
 * @param {(event: string) => void} trigger
 */
function askForValues(form, trigger) {
  if (form.ready) return;
  trigger("submit");
  setTimeout(() => askForValues(form, trigger), 500);
}

/**
 * Return a field's value if a person has chosen it, and null if `fill` has just set it.
 * @param {string} name
 * @param {string} id
 * @param {any} value
 */
export function byHand(name, id, value) {
  const form = formOf(name), given = form.given ?? {}, mine = id in given && same(given[id], value);
  delete given[id];
  return mine || (!form.ready && !touched.has(id)) ? null : value; // Gradio reports a change of each field that it builds
}

/**
 * Return a field's value if it differs from the one before: Gradio's lists report an input whenever they lose the focus.
 * @param {string} name
 * @param {string} id
 * @param {any} value
 */
export function anew(name, id, value) {
  const form = formOf(name), before = (form.seen ??= {})[id] ?? form.start?.[id];
  form.seen[id] = value;
  return same(before, value) ? null : value;
}

/**
 * Tell the form which run its panel draws.
 * @param {string} name
 * @param {Settings} settings of the run
 * @param {string} reference that is drawn
 * @param {string} asked the panel's value
 * @param {(event: string) => void} trigger
 */
export function showRun(name, settings, reference, asked, trigger) {
  const form = formOf(name), run = reference.startsWith("runs/") ? reference : "";
  const isAnother = run !== form.run;
  Object.assign(form, { run, settings, base: run ? settings : null });
  const chosen = asked.startsWith(`${reference}?chosen`) && asked !== form.chosen;
  if (chosen) form.chosen = asked, forgetTouched(form);
  const wanted = chosen || (!form.filled.has(reference) && (form.filled.size === 0 || asked === `${reference}?back`));
  form.filled.add(reference);
  if (wanted) {
    form.ready = false; // the stored edits are not overwritten before `fill` has read them
    askForValues(form, trigger);
  } else {
    if (isAnother) forgetTouched(form);
    if (form.values) markPending(name), storeEdits(name);
  }
}

const LEAVING = ["Tab", "Shift", "Control", "Alt", "Meta"]; // keys that leave a field or only come before another one

/** @param {string} id */
function touchByHand(id) {
  touched.add(id);
  for (const { driven } of forms.values()) delete driven?.[id];
}

/** Listen to what is edited anywhere on the page; once, before Gradio builds the fields. */
export function watchForms() {
  // Gradio's list of options opens at any key, a moment later: at Tab, when the field has lost the focus, for good.
  // And a long list can be scrolled, so that the key would go into it and be lost when it closes.
  addEventListener("keydown", (event) => {
    if (!LEAVING.includes(event.key) || !(event.target instanceof Element) || event.target.getAttribute("role") !== "combobox") return;
    event.stopImmediatePropagation();
    for (const list of queryAll(document, "[role=listbox]")) list.tabIndex = -1;
  }, true);
  for (const kind of ["input", "mousedown", "keydown"]) {
    document.addEventListener(kind, (event) => {
      for (let node = event.target; node instanceof Element; node = node.parentElement) if (node.id) touchByHand(node.id);
    }, true);
  }
  const markAll = () => { for (const [name, form] of forms) if (form.values) markPending(name); };
  onChange(["language"], markAll);
  document.addEventListener("click", () => setTimeout(markAll, 400)); // fields under "Advanced" are built when it opens
}
