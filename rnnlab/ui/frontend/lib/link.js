// @ts-check
// What the address of the page asks for (`rnnlab/ui/links`): a tab, its fields, an epoch, what is hidden. A link is
// applied once; a reload keeps what the visitor has changed since.

import { answerOf } from "./answer.js";
import { goTo, until } from "./drive.js";
import { inLanguage, make, onChange, withWords } from "./page.js";
import { recall, remember } from "./storage.js";
import { forgetTabs } from "./switches.js";
import { watchedTab } from "./watch.js";

/** @import { LinkPayload } from "../types.d.ts" */

const STORAGE_KEY = "rnnlab_link"; // the link that was applied last
const OTHERS = /^(lang|view|__.*)$/; // keys that say nothing about a tab

/** @param {string} search @returns {string} the part of a query that is a link; "" if there is none */
export function linkIn(search) {
  const query = new URLSearchParams(search);
  for (const name of [...query.keys()]) if (OTHERS.test(name)) query.delete(name);
  return query.toString();
}

/**
 * Tell whether a link is to be applied. In a frame the address stays the same over a reload and over a second visit
 * alike; there it counts as applied.
 * @param {string} link
 * @param {string | null} applied the link that was applied last
 * @param {string} kind of navigation, as the browser calls it
 * @param {boolean} isFramed
 */
export const isNewLink = (link, applied, kind, isFramed) => link !== applied || (kind === "navigate" && !isFramed);

/** Hide what the address names at once, before the server has said which fields are meant. @param {string} link */
function hideParts(link) {
  const names = (new URLSearchParams(link).get("hide") ?? "").split(",").map((name) => name.trim());
  document.documentElement.dataset.hide = names.filter((name) => /^[a-z_]+$/.test(name)).join(" ");
}

/** @param {string[]} ids of fields */
function hideFields(ids) {
  if (!ids.length) return;
  const rules = ids.map((id) => `#${CSS.escape(id)}`).join(",");
  document.head.append(make("style", "", `.gradio-container :is(${rules}){display:none!important}`));
}

/**
 * Say over the tabs what of the link was refused, and offer to start what it describes.
 * @param {LinkPayload} link
 */
async function note({ refused, press }) {
  if (!refused.length && !press) return;
  await until(() => Boolean(document.getElementById("tabs")));
  const box = make("div", "page-note", make("div"));
  box.id = "link-note";
  document.getElementById("tabs").before(box);
  const write = () => withWords("link", (words) => {
    const texts = refused.map((each) => make("p", "", inLanguage(each)));
    if (texts.length) texts.unshift(make("p", "", words.refused));
    const message = make("div", "refusals", ...texts);
    if (texts.length) message.setAttribute("role", "alert");
    const start = make("button", "start", words.start), close = make("button", "close", words.close);
    start.onclick = () => { box.remove(); document.getElementById(press)?.click(); };
    close.onclick = () => box.remove();
    for (const button of [start, close]) button.type = "button";
    box.replaceChildren(...(texts.length ? [message] : []), ...(press ? [start] : []), close);
  });
  onChange(["language"], write);
  write();
}

/** @param {string} query @returns {Promise<LinkPayload | null>} what it means; null while the server does not answer */
export async function meaningOf(query) {
  const { status, body } = await answerOf(`lab/link?query=${encodeURIComponent(query)}`);
  return status === 200 ? body : null;
}

/** Put the handle of time travel to the epoch that a link names, if it names one. @param {LinkPayload} link */
async function putHandle({ at }) {
  if (at === null) return;
  const { travel } = await import(window.rnnlab.module("tabs/train/time_travel.js"));
  travel.want(at);
}

/**
 * Show what a link describes; lessons may call it with a query of their own. Nothing is started.
 * @param {LinkPayload} link
 */
export async function applyLink(link) {
  await putHandle(link);
  await goTo(link);
}

/** Apply the link in the address; once, before Gradio builds the page. */
export async function startLink() {
  const query = linkIn(location.search);
  if (!query) return;
  const navigation = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0]);
  const isWatch = Boolean(watchedTab()); // of a run that is watched the link sets no field
  const isNew = isNewLink(query, recall(STORAGE_KEY), navigation?.type ?? "", window.parent !== window);
  hideParts(query);
  if (isNew && !isWatch && new URLSearchParams(query).has("tab")) forgetTabs();
  const link = await meaningOf(query);
  if (!link?.known) return;
  hideFields(link.hidden_fields);
  if (!isNew) return;
  remember(STORAGE_KEY, query);
  if (isWatch) return putHandle(link);
  if (link.sets) await applyLink(link);
  await note(link);
}
