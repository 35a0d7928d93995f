// @ts-check
// Watching another person's run: `?tab=train&watch=KEY` in the address (`server/watch_routes.py`). The tab then shows
// that run, and nothing that would change one; `link.css` hides the rest of the tab.

import { openTab, until } from "./drive.js";
import { make, onChange, withWords } from "./page.js";
import { forgetTabs } from "./switches.js";

const TAB = "train"; // of a link that names none
const KEYS = ["watch", "tab", "at", "hide"]; // of the address, which a run of one's own does not keep

/** @type {"" | "unknown" | "full"} why the run is not watched any more */
let refused = "";

/** @param {string} search the query of an address @returns {{ tab: string, key: string }} a key of "": nothing is watched */
export function watchIn(search) {
  const query = new URLSearchParams(search);
  return { tab: query.get("tab") || TAB, key: query.get("watch") ?? "" };
}

/** @returns {string} the tab that shows a watched run now; "" if none does */
export const watchedTab = () => (refused || !watchIn(location.search).key ? "" : watchIn(location.search).tab);

/** @param {string} tab @returns {string} the reference of the run that is watched there (`run_stream.js`); "" if none is */
export const watchedIn = (tab) => (watchedTab() === tab ? `watched/${tab}/${encodeURIComponent(watchIn(location.search).key)}` : "");

/** @returns {string} the query of the link by which the run is watched */
export function watchQuery() {
  const { tab, key } = watchIn(location.search);
  return `tab=${encodeURIComponent(tab)}&watch=${encodeURIComponent(key)}`;
}

/** Leave the run: the same page, as if the link had not been opened. */
function leave() {
  const address = new URL(location.href);
  for (const name of KEYS) address.searchParams.delete(name);
  location.assign(address);
}

const isBuilt = () => until(() => Boolean(document.getElementById("tabs")));

/** Say over the tabs that a run is watched, or why it is not. */
const write = async () => await isBuilt() && withWords("watch", (words) => {
  const box = document.getElementById("watch-note") ?? make("div", "page-note");
  const text = make("p", "", words[refused || "watching"]), own = make("button", "start", words.train);
  text.setAttribute("role", refused ? "alert" : "status");
  own.onclick = leave;
  const again = refused === "full" ? [make("button", "", words.again)] : [];
  for (const button of again) button.onclick = () => location.reload();
  for (const button of [own, ...again]) button.type = "button";
  box.id = "watch-note";
  box.toggleAttribute("data-over", Boolean(refused));
  box.replaceChildren(text, ...again, own);
  if (!box.isConnected) document.getElementById("tabs").before(box);
});

/** Stop watching: the page is as usual again, and says why. @param {string} why "unknown" or "full" */
export function endWatching(why) {
  refused = why === "full" ? "full" : "unknown";
  document.documentElement.removeAttribute("data-watching");
  write();
}

/** Begin to watch the run that the address names; once, before Gradio builds the page. */
export function startWatch() {
  const tab = watchedTab();
  if (!tab) return;
  document.documentElement.dataset.watching = tab;
  onChange(["language"], write);
  const navigation = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0]);
  if (navigation?.type !== "reload") {
    forgetTabs();
    if (tab !== TAB) openTab(tab);
  }
  write();
}
