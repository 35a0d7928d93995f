// @ts-check
// The button "Copy link" in the header: the link to what the open tab shows, on the clipboard or in a field to copy from.

import { answerOf } from "./answer.js";
import { readFields } from "./drive.js";
import { inLanguage, make, withWords } from "./page.js";
import { openTabs } from "./switches.js";

const SHOWN = 5000; // milliseconds for which it is said that the link was copied

/** Where the Train tab stands. @type {{ epoch: number, now: number } | null} */
let moment = null;

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

/** @returns {Promise<{ query: string, refused: Record<string, string>[], own: boolean } | null>} */
async function presentLink() {
  const [tab, inner] = openTabs(), fields = await readFields();
  const part = tab === "tag" ? inner : tab === "layers" ? fields["layers-part"] : "";
  const hide = document.documentElement.dataset.hide?.replaceAll(" ", ",") ?? "";
  const at = moment && moment.epoch < moment.now ? `epoch:${moment.epoch}` : "";
  const body = JSON.stringify({ tab, part, fields, hide, at });
  const answer = await answerOf("lab/link", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  return answer.status === 200 ? answer.body : null;
}

/** @param {string} text @returns {Promise<boolean>} whether the browser has let the page copy */
const copied = (text) => Promise.resolve(navigator.clipboard?.writeText(text).then(() => true, () => false) ?? false);

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

/** @param {HTMLElement} button */
async function copy(button) {
  const link = await presentLink();
  const address = link && addressOf(link.query, window.rnnlab.space, location), isCopied = link !== null && await copied(address);
  withWords("link", (words) => {
    const said = make("p", "", !link ? words.lost : isCopied ? words.copied : words.refused_copy);
    said.setAttribute("role", "status");
    if (!link) return bubble(button, [said], false);
    const field = Object.assign(make("input"), { value: address, readOnly: true });
    field.setAttribute("aria-label", words.link);
    const others = link.refused.map((each) => make("p", "", inLanguage(each)));
    if (link.own) others.push(make("p", "", words.own));
    bubble(button, [said, field, ...others], !isCopied || others.length > 0);
    if (!isCopied) field.focus(), field.select();
  });
}

/** Listen to the button; once. */
export function watchCopyLink() {
  document.addEventListener("rnnlab:epoch", (event) => { moment = /** @type {CustomEvent} */ (event).detail; });
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && /** @type {HTMLElement | null} */ (target.closest("[data-copy-link]"));
    if (button) copy(button);
  });
}
