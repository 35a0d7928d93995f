// @ts-check
// The header's switches of language and theme, and the tab that was open before a reload.

import { language, queryAll } from "./page.js";
import { recall, remember } from "./storage.js";

// --- the language changes in place: Gradio's function for its components, our event for the panels ---

const TABS = ".tab-container button, .overflow-dropdown button";
const MAX_WAIT = 3000; // milliseconds in which Gradio has fetched its own few words
/** @type {(tag: string) => Promise<void>} */
const changeGradio = async (tag) => {
  const { changeLocale } = await import(new URL(window.rnnlab.assets.locale, document.baseURI).href);
  window.rnnlab.useLanguage(tag); // before: Gradio asks the browser for its language
  changeLocale(tag);
  window.rnnlab.useLanguage(tag); // after: Gradio sets another where it has no words of its own
};
const tabNames = () => [...queryAll(document, TABS)].map((node) => node.textContent.trim()).join();

// A tab that has not been open yet keeps its first name in Gradio: it is renamed by the words that the page has.
function renameTabs() {
  /** @type {Record<string, Record<string, string>>} */
  const translations = window.gradio_config?.i18n_translations ?? {};
  const all = Object.values(translations);
  for (const node of queryAll(document, TABS)) {
    const text = /** @type {Text | null} */ (document.createTreeWalker(node, NodeFilter.SHOW_TEXT).nextNode());
    const shown = text?.data.trim();
    const key = text && Object.keys(all[0] ?? {}).find((name) => name.endsWith("tab") && all.some((words) => words[name] === shown));
    const word = key && translations[window.rnnlab.languageKey()]?.[key];
    if (word && shown !== word) text.data = word;
  }
}

let hasChanged = false; // since the page has loaded
const renameTabsSoon = () => { // tabs within a tab come a moment after it is opened
  for (const delay of hasChanged ? [0, 100, 400, 1500, 4000] : []) setTimeout(renameTabs, delay);
};

/** @param {string} tag */
function addressIn(tag) {
  const address = new URL(location.href); // the other parameters stay
  address.searchParams.set("lang", tag);
  return address;
}

/**
 * Change the page's language in place; where Gradio does not follow, load the page anew, which keeps its fields as well.
 * @param {string} tag
 */
export async function setLanguage(tag) {
  if (tag === language()) return;
  const before = tabNames();
  try { localStorage.setItem("rnnlab_lang", tag); } catch { /* full */ }
  try {
    history.replaceState(history.state, "", addressIn(tag)); // a link to it, and the server's referer
    await changeGradio(tag); // `boot.js` announces it
    const until = performance.now() + MAX_WAIT;
    while (tabNames() === before && performance.now() < until) await new Promise(requestAnimationFrame);
    if (tabNames() === before) throw new Error("Gradio kept its language");
    hasChanged = true;
    renameTabsSoon();
  } catch (error) {
    console.warn(error);
    location.assign(addressIn(tag));
  }
}

// Gradio starts in English where it has no words of its own for the page's language.
async function insist() {
  await changeGradio(language());
  hasChanged = true;
  renameTabsSoon();
}

// --- a reload comes back to the tab that was open ---

const REMEMBERED = [ // with the tab that Gradio opens by itself
  { key: "rnnlab_tab", selector: "#tabs > .tab-wrapper [role=tab]", first: "train" },
  { key: "rnnlab_tag_part", selector: "#tag-parts > .tab-wrapper [role=tab]", first: "sentence" },
];
const PATIENCE = 15_000; // milliseconds; on a phone the tab may be in a menu

/** @param {string} selector @param {string} id */
function openWhenThere(selector, id) {
  const observer = new MutationObserver(() => {
    const tab = [...queryAll(document, selector)].find((node) => node.dataset.tabId === id);
    if (tab) { observer.disconnect(); tab.click(); }
  });
  observer.observe(document.documentElement, { childList: true, subtree: true });
  setTimeout(() => observer.disconnect(), PATIENCE);
}

/** @param {any} node of Gradio's layout @param {number} id @returns {any} the node of that component */
const nodeOf = (node, id) => (node.id === id ? node : (node.children ?? []).map((/** @type {any} */ child) => nodeOf(child, id)).find(Boolean));

/** @returns {string[]} the ids of all tabs, in their order; those in a menu have none in the document */
function tabIds() {
  const { components, layout } = window.gradio_config;
  /** @param {(component: any) => boolean} test */
  const find = (test) => components.find(test);
  const tabs = nodeOf(layout, find(({ props }) => props.elem_id === "tabs").id);
  return tabs.children.map((/** @type {any} */ child) => find(({ id }) => id === child.id).props.id);
}

/**
 * Open a tab, as a visitor's click does.
 * @param {string} id
 * @param {boolean} [isFocused] whether it gets the focus
 */
export function openTab(id, isFocused = true) {
  const shown = [...queryAll(document, REMEMBERED[0].selector)];
  const inMenu = tabIds().filter((other) => !shown.some((tab) => tab.dataset.tabId === other)); // on a phone
  const menu = "#tabs > .tab-wrapper .overflow-menu";
  const tab = shown.find((node) => node.dataset.tabId === id);
  (tab ?? [...queryAll(document, `${menu} .overflow-dropdown button`)][inMenu.indexOf(id)])?.click();
  if (isFocused) (tab ?? queryAll(document, `${menu} > button`)[0])?.focus();
  remember(REMEMBERED[0].key, id);
}

/**
 * Open a part of the Tagging tab, if it is there.
 * @param {string} id
 * @returns {boolean} whether it is open
 */
export function openPart(id) {
  const tab = [...queryAll(document, REMEMBERED[1].selector)].find((node) => node.dataset.tabId === id);
  const isOpen = tab?.getAttribute("aria-selected") === "true";
  if (!isOpen) tab?.click();
  remember(REMEMBERED[1].key, id);
  return isOpen;
}

/** Let the page begin with its first tab, whatever was open before. */
export const forgetTabs = () => REMEMBERED.forEach(({ key }) => remember(key, null));

/** @returns {string[]} the ids of the open tab, and of the open part of the Tagging tab */
export const openTabs = () => REMEMBERED.map(({ key, selector, first }) => {
  const open = [...queryAll(document, selector)].find((tab) => tab.getAttribute("aria-selected") === "true");
  return open?.dataset.tabId ?? recall(key) ?? first; // on a phone the open tab may be in a menu
});

/** Restore the open tabs, and listen to clicks on tabs and switches; once, before Gradio builds the page. */
export function watchSwitches() {
  for (const { key, selector, first } of REMEMBERED) {
    const open = recall(key);
    if (open && open !== first) openWhenThere(selector, open);
  }
  document.addEventListener("rnnlab:language-lost", insist);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    for (const { key, selector } of REMEMBERED) {
      const tab = /** @type {HTMLElement | null} */ (event.target.closest(selector));
      if (tab && event.isTrusted) remember(key, tab.dataset.tabId);
      if (tab) renameTabsSoon();
    }
    if (event.target.closest("[data-switch=theme]")) window.rnnlab.setTheme(window.rnnlab.theme() === "dark" ? "light" : "dark");
    const link = /** @type {HTMLElement | null} */ (event.target.closest("a[data-language]"));
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    setLanguage(link.dataset.language);
  });
}
