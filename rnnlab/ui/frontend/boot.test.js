// boot.js runs as an inline script, so the tests run its text with a stub of the page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("boot.js", import.meta.url), "utf8");

/** Run boot.js for a visitor; return the page as it is then. */
function boot({ search = "", stored = {}, languages = ["en-US"], dark = false, titles = { en: "Lab", "zh-CN": "实验室" } } = {}) {
  const values = new Map(Object.entries(stored));
  const storage = {
    length: 0,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
  };
  const document = {
    currentScript: { dataset: { titles: JSON.stringify(titles), modules: "lab/m/1/", plotly: "p.js", locale: "l.js" } },
    documentElement: { lang: "en", dataset: {} },
    baseURI: "https://host/app/",
    addEventListener() {},
  };
  const navigator = { languages };
  class MutationObserver { observe() {} }
  const location = new URL(`https://host/app/${search}`);
  const page = { document, navigator, location, localStorage: storage, sessionStorage: storage, MutationObserver, URL, URLSearchParams, Request, Response };
  Object.assign(page, { window: page, matchMedia: () => ({ matches: dark }), fetch: async (request) => request, CustomEvent: class {} });
  vm.runInNewContext(SOURCE, page);
  return { ...page, stored: Object.fromEntries(values) };
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
  assert.equal(boot({ languages: ["fr"], titles: { eo: "Laboratorio", en: "Lab" } }).rnnlab.language(), "eo");
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

test("a request to this host says that a page of ours makes it, one to another host does not", async () => {
  const page = boot();
  assert.equal((await page.fetch("https://host/app/x")).headers.get("X-RNNLab-Page"), "1");
  assert.equal((await page.fetch("https://other/x")).headers.get("X-RNNLab-Page"), null);
});

test("modules have addresses below the page", () => {
  assert.equal(boot().rnnlab.module("frontend/main.js"), "https://host/app/lab/m/1/frontend/main.js");
});
