// boot.js runs as an inline script, so the tests run its text with a stub of the page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("boot.js", import.meta.url), "utf8");

const ENGLISH = { key: "en", html: "en", direction: "ltr", sentenceSpace: " ", title: "Lab" };
const CHINESE = { key: "zh", html: "zh-CN", direction: "ltr", sentenceSpace: "", title: "实验室" };
const HEBREW = { key: "he", html: "he", direction: "rtl", sentenceSpace: " ", title: "מעבדה" };

/** Run boot.js for a visitor; return the page as it is then. */
function boot({ search = "", stored = {}, languages = ["en-US"], dark = false, table = [ENGLISH, CHINESE] } = {}) {
  const values = new Map(Object.entries(stored));
  const storage = {
    length: 0,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
  };
  const events = [];
  const document = {
    currentScript: { dataset: { languages: JSON.stringify(table), modules: "lab/m/1/", plotly: "p.js", locale: "l.js" } },
    documentElement: { lang: "en", dataset: {} },
    baseURI: "https://host/app/",
    addEventListener() {},
    dispatchEvent: ({ type }) => events.push(type),
  };
  const navigator = { languages };
  let observed;
  class MutationObserver {
    constructor(then) { observed = then; }
    observe() {}
  }
  const location = new URL(`https://host/app/${search}`);
  const page = { document, navigator, location, localStorage: storage, sessionStorage: storage, MutationObserver, URL, URLSearchParams, Request, Response };
  Object.assign(page, { window: page, matchMedia: () => ({ matches: dark }), fetch: async (request) => request, CustomEvent: class { constructor(type) { this.type = type; } } });
  vm.runInNewContext(SOURCE, page);
  return { ...page, stored: Object.fromEntries(values), events, observed };
}

test("the language is that of the address, which is remembered", () => {
  const page = boot({ search: "?lang=zh-CN", stored: { rnnlab_lang: "en" } });
  assert.equal(page.document.documentElement.lang, "zh-CN");
  assert.equal(page.stored.rnnlab_lang, "zh-CN");
});

test("without one in the address it is the last choice, then the browser's", () => {
  assert.equal(boot({ stored: { rnnlab_lang: "zh-CN" } }).rnnlab.language(), "zh-CN");
  assert.equal(boot({ languages: ["fr", "zh-Hant-HK", "en"] }).rnnlab.language(), "zh-CN");
  assert.equal(boot({ search: "?lang=fr", languages: ["en-GB"] }).rnnlab.language(), "en");
});

test("a language that the page lacks is the first of its table", () => {
  assert.equal(boot({ languages: ["fr"], table: [HEBREW, ENGLISH] }).rnnlab.language(), "he");
});

test("the page has the direction of its language, and its key and sentence space", () => {
  const { document, rnnlab } = boot({ languages: ["he-IL"], table: [ENGLISH, HEBREW] });
  assert.equal(document.documentElement.dir, "rtl");
  assert.deepEqual([rnnlab.languageKey(), rnnlab.sentenceSpace()], ["he", " "]);
  rnnlab.useLanguage("en");
  assert.deepEqual([document.documentElement.dir, document.documentElement.lang, rnnlab.languageKey()], ["ltr", "en", "en"]);
});

test("the language stays ours when Gradio sets another, and an event tells", () => {
  const page = boot({ languages: ["he"], table: [ENGLISH, HEBREW] });
  page.document.documentElement.lang = "en";
  page.observed();
  assert.deepEqual([page.rnnlab.language(), page.navigator.language], ["he", "he"]);
  assert.deepEqual(page.events, ["rnnlab:language-lost"]);
  page.rnnlab.useLanguage("he");
  page.observed();
  assert.deepEqual(page.events, ["rnnlab:language-lost", "rnnlab:language"]);
});

test("the title, the cookie and what the browser says are in the page's language", () => {
  const { document, navigator } = boot({ languages: ["zh"] });
  assert.equal(document.title, "实验室");
  assert.match(document.cookie, /^rnnlab_lang=zh-CN; path=\//);
  assert.deepEqual([navigator.language, ...navigator.languages], ["zh-CN", "zh-CN"]);
});

test("the theme is that of the address, then the last choice, then the system's", () => {
  assert.equal(boot({ search: "?__theme=dark" }).rnnlab.theme(), "dark");
  assert.equal(boot({ stored: { rnnlab_theme: "light" }, dark: true }).rnnlab.theme(), "light");
  assert.equal(boot({ dark: true }).rnnlab.theme(), "dark");
  assert.equal(boot({ search: "?__theme=system", stored: { rnnlab_theme: "light" }, dark: true }).stored.rnnlab_theme, undefined);
});

test("projector mode is that of the address, then that of before a reload", () => {
  const isProjected = (options) => "projector" in boot(options).document.documentElement.dataset;
  assert.deepEqual([{}, { search: "?projector=1" }, { stored: { rnnlab_projector: "1" } }, { search: "?projector=0", stored: { rnnlab_projector: "1" } }].map(isProjected), [false, true, true, false]);
});

test("a request to this host says that a page of ours makes it, one to another host does not", async () => {
  const page = boot();
  assert.equal((await page.fetch("https://host/app/x")).headers.get("X-RNNLab-Page"), "1");
  assert.equal((await page.fetch("https://other/x")).headers.get("X-RNNLab-Page"), null);
});

test("modules have addresses below the page", () => {
  assert.equal(boot().rnnlab.module("frontend/main.js"), "https://host/app/lab/m/1/frontend/main.js");
});
