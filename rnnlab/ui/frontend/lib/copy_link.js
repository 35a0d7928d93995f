// @ts-check
// The buttons in the header that copy a link: to what the open tab shows, and for others to watch the run that it
// shows (`watch.js`). The link is put on the clipboard, or into a field to copy from.

import { answerOf } from "./answer.js";
import { readFields } from "./drive.js";
import { inLanguage, make, withWords } from "./page.js";
import { followShown } from "./shown_run.js";
import { openTabs } from "./switches.js";
import { copyText } from "./take.js";
import { watchQuery, watchedTab } from "./watch.js";

/** @import { Words } from "../types.d.ts" */

/**
 * @typedef {object} NewLink
 * @property {string} query
 * @property {(words: Words) => (Node | string)[]} notes what to know about it, a paragraph each
 */

const SHOWN = 5000; // milliseconds for which it is said that the link was copied
const WATCHABLE = ["train", "race"]; // tabs whose runs others may watch

/** Where the Train tab stands. @type {{ epoch: number, now: number } | null} */
let moment = null;
/** The run that a tab shows. @type {Map<string, string>} its reference (`run_stream.js`) by the tab */
const runs = new Map();

/**
 * Return the address for a link. On a Space of Hugging Face the page is in a frame, whose own address nobody opens: the
 * Space's page passes its query on.
 * @param {string} query
 * @param {string} space <owner>/<name>, or ""
 * @param {{ origin: string, pathname: string, search: string }} place
 */
export function addressOf(query, space, { origin, pathname, search }) {
  const lang = new URLSearchParams(search).get("lang"), base = space ? `https://huggingface.co/spaces/${space}` : origin + pathname;
  return `${base}?${query}${lang ? `&lang=${encodeURIComponent(lang)}` : ""}`;
}

/** @returns {Promise<NewLink | null>} the link to what the open tab shows; null if the server makes none */
async function presentLink() {
  const [tab, inner] = openTabs();
  if (tab === watchedTab()) return { query: watchQuery(), notes: () => [] };
  const fields = await readFields();
  const part = tab === "tag" ? inner : tab === "layers" ? fields["layers-part"] : "";
  const hide = document.documentElement.dataset.hide?.replaceAll(" ", ",") ?? "";
  const at = moment && moment.epoch < moment.now ? `epoch:${moment.epoch}` : "";
  const body = JSON.stringify({ tab, part, fields, hide, at });
  const answer = await answerOf("lab/link", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (answer.status !== 200) return null;
  const { query, refused, own } = /** @type {{ query: string, refused: Record<string, string>[], own: boolean }} */ (answer.body);
  return { query, notes: (words) => [...refused.map(inLanguage), ...(own ? [words.own] : [])] };
}

/** @returns {Promise<NewLink | null>} the link by which others watch the run of the open tab; null if there is none */
async function watchLink() {
  const { status, body } = await answerOf(`lab/${runs.get(openTabs()[0])}/watch`);
  const { query, own } = /** @type {import("../types.d.ts").WatchLink} */ (status === 200 ? body : { query: "", own: false });
  return query ? { query, notes: (words) => [words.about, ...(own ? [words.own] : [])] } : null;
}

/** @param {HTMLElement} button @param {(Node | string)[]} children @param {boolean} stays until it is closed */
function bubble(button, children, stays) {
  document.getElementById("link-copied")?.remove();
  const box = make("div", "", ...children);
  box.id = "link-copied";
  document.body.append(box);
  box.style.insetBlockStart = `${button.getBoundingClientRect().bottom + 6}px`;
  const end = new AbortController();
  const close = () => { end.abort(); box.remove(); };
  if (!stays) setTimeout(close, SHOWN);
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") close(), button.focus(); }, { signal: end.signal });
  document.addEventListener("pointerdown", ({ target }) => { if (!box.contains(/** @type {Node} */ (target))) close(); }, { signal: end.signal });
}

/**
 * Copy a link and say so; where the browser does not let the page copy, the link is selected for copying by hand.
 * @param {HTMLElement} button
 * @param {string} section of the words
 * @param {NewLink | null} link null: there is none
 */
async function copy(button, section, link) {
  const address = link && addressOf(link.query, window.rnnlab.space, location), isCopied = link !== null && await copyText(address);
  withWords(section, (words) => {
    const said = make("p", "", !link ? words.lost : isCopied ? words.copied : words.refused_copy);
    said.setAttribute("role", "status");
    if (!link) return bubble(button, [said], false);
    const field = Object.assign(make("input"), { value: address, readOnly: true });
    field.setAttribute("aria-label", words.link);
    const notes = link.notes(words).map((note) => make("p", "", note));
    bubble(button, [said, field, ...notes], !isCopied || notes.length > 0);
    if (!isCopied) field.focus(), field.select();
  });
}

/** Offer the link for watching where the open tab shows a run of this browser. */
function offerWatching() {
  document.documentElement.toggleAttribute("data-watchable", Boolean(runs.get(openTabs()[0])?.startsWith("runs/")));
}

/** Listen to the buttons; once. */
export function watchCopyLink() {
  document.addEventListener("rnnlab:epoch", (event) => { moment = /** @type {CustomEvent} */ (event).detail; });
  for (const tab of WATCHABLE) followShown(tab, ({ reference }) => { runs.set(tab, reference), offerWatching(); }, "copy_link");
  document.addEventListener("click", async ({ target }) => {
    if (!(target instanceof Element)) return;
    if (target.closest("#tabs > .tab-wrapper")) setTimeout(offerWatching); // when the tab is open
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-copy-link], [data-copy-watch]"));
    if (button?.matches("[data-copy-link]")) copy(button, "link", await presentLink());
    else if (button) copy(button, "watch", await watchLink());
  });
}
