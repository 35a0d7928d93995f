// @ts-check
// Drive the page as a visitor would: open a tab, set fields, read them. Links, the tutorials and lessons use it.
// A field goes by the id of its component. `components/driving.py` connects two hidden buttons, which call `given` and
// `read` by `rnnlab.drive` with what Gradio keeps of the fields, those of closed tabs too.

import { UNCHANGED, isRestored } from "./fields.js";
import { give, touch } from "./form.js";
import { queryAll } from "./page.js";
import { openPart, openTab as clickTab } from "./switches.js";

/** @import { DrivenPlace } from "../types.d.ts" */

const PATIENCE = 120_000; // milliseconds until a part of the page that was asked for is there: a busy machine is slow

/** @type {{ values: Record<string, any>, done: () => void } | null} */
let wanted = null;
/** @type {((values: Record<string, any>) => void)[]} */
let readers = [];
/** @type {Promise<unknown>} what is set, one after the other */
let last = Promise.resolve();

/** @param {() => boolean} test @returns {Promise<boolean>} when the test holds, or after PATIENCE */
export async function until(test) {
  const end = performance.now() + PATIENCE;
  while (!test() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 30));
  return test();
}

/** @param {string} what @returns {Promise<void>} */
async function press(what) {
  const id = `drive-${what}`;
  if (await until(() => Boolean(document.getElementById(id)))) document.getElementById(id).click();
}

/**
 * Open a tab, and a part of it, as soon as the page has it.
 * @param {string} id
 * @param {string} [part] of the Tagging tab
 */
export async function openTab(id, part = "") {
  await until(() => queryAll(document, "#tabs > .tab-wrapper [role=tab]").length > 0);
  clickTab(id, document.activeElement !== document.body); // a page that has just been opened keeps its focus
  if (part) await until(() => openPart(part));
}

/**
 * Set fields; what follows when a visitor changes one (a preset sets others) does not follow.
 * @param {Record<string, any>} values by the id of the field
 * @param {string} [form] the form that they belong to (`form.js`)
 * @returns {Promise<void>} when they are set
 */
export function setFields(values, form = "") {
  const mine = last.then(async () => {
    if (form) give(form, values);
    touch(Object.keys(values));
    const done = new Promise((resolve) => { wanted = { values, done: () => resolve(undefined) }; });
    await press("set");
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  });
  last = mine.catch(() => {});
  return mine;
}

/**
 * Set one field.
 * @param {string} name its id
 * @param {any} value
 * @param {string} [form]
 */
export const setField = (name, value, form = "") => setFields({ [name]: value }, form);

/** @returns {Promise<Record<string, any>>} what all fields that a link can set hold, by their ids */
export function readFields() {
  const answer = new Promise((resolve) => { readers.push(resolve); });
  press("read");
  return answer;
}

/**
 * Open a place and set its fields. Generate, Inside and the sentences compute something when they are opened, so their
 * fields are set first. A form that is filled later, when its panel has drawn, keeps what is set here.
 * @param {DrivenPlace} place
 */
export async function goTo({ tab, part, form, stored, fields }) {
  const inner = tab === "tag" ? part : "";
  if (form || tab === "layers") {
    await openTab(tab, inner);
    await until(() => Object.keys(fields).some((id) => document.getElementById(id)));
    if (inner) openPart(inner); // Gradio opens the first part once more when it has built the tab
    return setFields(fields, form);
  }
  for (const model of ["song-model", "inside-model"]) if (model in fields) keepChosen(tab);
  await until(() => stored.every(isRestored));
  await setFields(fields);
  await openTab(tab, inner);
}

/** Tabs whose network a link has chosen, and the visitor's run at that time. @type {Map<string, any>} */
const chosen = new Map();

/** Let a tab keep the network that is chosen in it next, whichever run the visitor has. @param {string} tab */
export const keepChosen = (tab) => { chosen.set(tab, undefined); };

/**
 * Return the run that a tab may offer, null for none: a network that a link or a guide has chosen stays until there is
 * a newer run. (What the tab has offered is a state of the server's, which no script of the page can give.)
 * @param {string} tab
 * @param {any} saved the visitor's run
 */
export function offered(tab, saved) {
  if (!chosen.has(tab)) return saved;
  if (chosen.get(tab) === undefined) chosen.set(tab, saved);
  return chosen.get(tab) === saved ? null : saved;
}

/** @param {string[]} ids @param {any[]} values @returns {any[]} the values that Gradio shall show */
export function given(ids, values) {
  const { values: found, done } = wanted ?? { values: /** @type {Record<string, any>} */ ({}), done() {} };
  wanted = null;
  setTimeout(done); // when Gradio has them
  return values.map((_, i) => (ids[i] in found ? found[ids[i]] : UNCHANGED));
}

/** @param {string[]} ids @param {any[]} values */
export function read(ids, values) {
  const found = Object.fromEntries(ids.map((id, i) => [id, values[i]]));
  for (const then of readers) then(found);
  readers = [];
}
