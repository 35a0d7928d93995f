// @ts-check
// The first script of the page. It runs before Gradio's, as an inline script, so that the page never shows first in
// the wrong language or theme. It makes the page's one global, `rnnlab` (`types.d.ts` describes it); `main.js` adds to
// it. Events on document: "rnnlab:language" and "rnnlab:theme", each with the new value as `event.detail`, and
// "rnnlab:language-lost" when Gradio has set another language than ours (`lib/switches.js` sets it again).
(() => {
  "use strict";
  const given = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
  /** @type {import("./types.d.ts").LanguageRow[]} the first one is the fallback */
  const languages = JSON.parse(given.languages);
  const root = document.documentElement;
  const query = new URLSearchParams(location.search);

  // --- storage: a strict iframe forbids it, and Gradio would not start without; then it lasts as long as the page ---

  const inMemory = () => {
    const values = new Map();
    return {
      /** @param {string} key */
      getItem: (key) => values.get(key) ?? null,
      /** @param {string} key @param {unknown} value */
      setItem: (key, value) => { values.set(key, String(value)); },
      /** @param {string} key */
      removeItem: (key) => { values.delete(key); },
    };
  };
  for (const name of /** @type {const} */ (["localStorage", "sessionStorage"])) {
    try { void window[name].length; } catch { Object.defineProperty(window, name, { value: inMemory() }); }
  }
  /** @param {string} key @param {string | null} value */
  const store = (key, value) => {
    try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { return; } // full
  };

  // --- language: the address, then the last choice, then the browser's languages ---

  /** @param {string | null | undefined} tag */
  const rowOf = (tag) => languages.find(({ key }) => key === (tag ?? "").toLowerCase().split(/[-_]/)[0]);

  const fromAddress = rowOf(query.get("lang"));
  if (fromAddress) store("rnnlab_lang", fromAddress.html);
  let row = fromAddress ?? rowOf(localStorage.getItem("rnnlab_lang")) ?? navigator.languages.map(rowOf).find(Boolean) ?? languages[0];
  const language = () => row.html;
  /** @param {string} tag */
  const useLanguage = (tag) => {
    row = rowOf(tag) ?? row;
    [root.lang, root.dir] = [row.html, row.direction];
  };
  useLanguage(row.html);

  // The server reads the cookie (`i18n/languages.py`), so that a handler answers in the page's language.
  const announceLanguage = () => {
    const attributes = location.protocol === "https:" ? "; SameSite=None; Secure; Partitioned" : "; SameSite=Lax";
    document.cookie = `rnnlab_lang=${language()}; path=/${attributes}`;
    document.title = row.title;
  };
  announceLanguage();
  // Gradio reads the browser's language; of Chinese it knows "zh-CN" but not "zh", "zh-Hans" or "zh-HK".
  Object.defineProperty(navigator, "language", { get: language, configurable: true });
  Object.defineProperty(navigator, "languages", { get: () => [language()], configurable: true });

  // --- theme: the address (Gradio's own ?__theme=), then the last choice, then the system's ---

  const systemTheme = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const themeInAddress = query.get("__theme");
  if (themeInAddress === "system") store("rnnlab_theme", null);
  else if (["light", "dark"].includes(themeInAddress)) store("rnnlab_theme", themeInAddress);
  const chosenTheme = ["light", "dark"].find((name) => name === (themeInAddress ?? localStorage.getItem("rnnlab_theme")));
  root.dataset.theme = chosenTheme ?? systemTheme();
  /** @param {string} theme */
  const setTheme = (theme) => {
    store("rnnlab_theme", theme === systemTheme() ? null : theme); // the system's own: follow the system again
    document.body.classList.toggle("dark", theme === "dark");
  };

  // --- projector mode: the address, then what was so before a reload; lib/projector.js changes it ---

  if ((query.get("projector") ?? sessionStorage.getItem("rnnlab_projector")) === "1") root.dataset.projector = "";

  // --- requests: each carries a header that another site's page cannot send (`server/security.py`) ---

  const send = window.fetch.bind(window);
  /** @param {RequestInfo | URL} input @param {RequestInit} [options] */
  const marked = (input, options) => {
    const request = new Request(input, options);
    if (new URL(request.url).origin === location.origin) request.headers.set("X-RNNLab-Page", "1");
    return request;
  };

  // Gradio keeps one of the browser's six connections open for each page as a heartbeat and never reads the answer.
  // Here the page polls instead, and the server lets the first page of a browser hold one (`server/heartbeats.py`).
  const HEARTBEAT = /\/gradio_api\/heartbeat\/[\w-]+$/;
  const RETRY = 2, LONGEST = 30; // seconds: of a server that fails or does not answer they double
  /** @param {Request} request */
  const poll = async ({ url, signal }) => {
    addEventListener("pagehide", () => void send(marked(url, { method: "POST", keepalive: true })).catch(() => {}), { signal });
    for (let failures = 0; !signal.aborted;) {
      let seconds = Math.min(LONGEST, RETRY * 2 ** failures++);
      try {
        const answer = await send(marked(url, { signal }));
        if (answer.ok) [failures, seconds] = [0, RETRY];
        seconds = Number(answer.headers.get("Retry-After")) || seconds;
        await answer.body?.pipeTo(new WritableStream());
      } catch { /* the server may be restarting */ }
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    }
  };
  window.fetch = (input, options) => {
    const request = marked(input, options);
    if (!HEARTBEAT.test(new URL(request.url).pathname)) return send(request);
    poll(request);
    return Promise.resolve(new Response(new ReadableStream(), { headers: { "Content-Type": "text/event-stream" } }));
  };

  // --- the global, and its events ---

  window.rnnlab = /** @type {import("./types.d.ts").RNNLab} */ ({
    languages,
    language,
    languageKey: () => row.key,
    sentenceSpace: () => row.sentenceSpace,
    useLanguage,
    theme: () => root.dataset.theme,
    setTheme,
    module: (path) => new URL(given.modules + path, document.baseURI).href,
    assets: { plotly: given.plotly, locale: given.locale },
    space: given.space ?? "",
  });

  /** @param {string} name @param {string} detail */
  const announce = (name, detail) => { document.dispatchEvent(new CustomEvent(name, { detail })); };
  new MutationObserver(() => {
    if (rowOf(root.lang) !== row) return announce("rnnlab:language-lost", language());
    announceLanguage();
    announce("rnnlab:language", language());
  }).observe(root, { attributes: true, attributeFilter: ["lang"] });

  // "interactive": the whole page is parsed and Gradio's module has not run yet.
  document.addEventListener("readystatechange", () => {
    if (window.gradio_config) { // the browser knows where the app is, whatever a proxy has told the server
      Object.assign(window.gradio_config, { title: document.title, root: new URL(".", location.href).href.replace(/\/$/, "") });
    }
    if (chosenTheme) document.querySelector("gradio-app")?.setAttribute("theme_mode", chosenTheme);
    new MutationObserver(() => {
      const theme = document.body.classList.contains("dark") ? "dark" : "light";
      if (theme === root.dataset.theme) return;
      root.dataset.theme = theme;
      announce("rnnlab:theme", theme);
    }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  }, { once: true });
})();
