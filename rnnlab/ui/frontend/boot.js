// The first script of the page, before Gradio's: it settles the language and the theme, so that nothing flickers.
// Tabs find here:
//   rnnlab.languages           the table of languages (rnnlab/ui/i18n/languages.py): [{key, html, direction, …}, …]
//   rnnlab.language()          the `lang` of the page as it is now: "en", "zh-CN"
//   rnnlab.languageKey()       its key in tables by language: "en", "zh"
//   rnnlab.sentenceSpace()     what stands between two sentences: " " in English, nothing in Chinese
//   rnnlab.theme()             "light" or "dark", as the page is now
//   rnnlab.setLanguage(tag)    the page speaks it, in place
//   rnnlab.plotly()            a promise of Plotly, loaded at the first call
//   event "rnnlab:language"    on document, when the language has changed (event.detail is the new one)
//   event "rnnlab:theme"       on document, when the theme has changed (event.detail is the new one)
(() => {
  "use strict";
  const { plotly, locale } = document.currentScript.dataset;
  const languages = JSON.parse(document.currentScript.dataset.languages);
  const root = document.documentElement;
  const query = new URLSearchParams(location.search);

  // What a visitor chose outlives the visit, except where the browser forbids it (a strict iframe): then it is kept
  // for as long as the page is open. Gradio would not even start without.
  const inThePage = () => {
    const kept = new Map();
    return {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => { kept.set(key, String(value)); },
      removeItem: (key) => { kept.delete(key); },
    };
  };
  for (const name of ["localStorage", "sessionStorage"]) {
    try { void window[name].length; } catch { Object.defineProperty(window, name, { value: inThePage() }); }
  }
  const recall = (key) => localStorage.getItem(key);
  const remember = (key, value, storage = localStorage) => {
    try { value === null ? storage.removeItem(key) : storage.setItem(key, value); } catch { return; } // it is full
  };

  // --- language: the address, then the last choice, then the browser's languages ---
  const rowOf = (tag) => languages.find(({ key }) => new RegExp(`^${key}\\b`, "i").test(tag ?? ""));
  const ours = (tag) => rowOf(tag)?.html ?? null;
  const row = () => rowOf(root.lang) ?? languages[0];
  const asked = ours(query.get("lang"));
  if (asked) remember("rnnlab_lang", asked);
  let language = asked ?? ours(recall("rnnlab_lang")) ?? navigator.languages.map(ours).find(Boolean) ?? languages[0].html;
  const title = () => row().title;

  const tellServer = () => {
    const framed = location.protocol === "https:" ? "; SameSite=None; Secure; Partitioned" : "; SameSite=Lax";
    document.cookie = `rnnlab_lang=${row().html}; path=/${framed}`;
  };
  root.lang = language;
  root.dir = row().direction;
  document.title = title();
  tellServer();
  // Gradio asks the browser for its language; it knows "zh-CN" but not "zh", "zh-Hans" or "zh-HK".
  Object.defineProperty(navigator, "language", { get: () => language, configurable: true });
  Object.defineProperty(navigator, "languages", { get: () => [language], configurable: true });

  // --- theme: the address (Gradio's own ?__theme=), then the last choice, then the system's ---
  const systemTheme = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const themeAsked = query.get("__theme");
  if (themeAsked === "system") remember("rnnlab_theme", null);
  else if (["light", "dark"].includes(themeAsked)) remember("rnnlab_theme", themeAsked);
  const themeChosen = ["light", "dark"].find((name) => name === (themeAsked ?? recall("rnnlab_theme")));
  root.dataset.theme = themeChosen ?? systemTheme();

  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
  const setTheme = (theme) => {
    remember("rnnlab_theme", theme === systemTheme() ? null : theme); // as the system has it: follow the system again
    document.body.classList.toggle("dark", theme === "dark");
  };

  // --- requests ---

  // Each says that a page of ours makes it, which one of another site cannot (`ui/server/security.py`).
  const MARK = "X-RNNLab-Page";
  const send = window.fetch.bind(window);
  const marked = (input, options) => {
    const request = new Request(input, options);
    if (new URL(request.url).origin === location.origin) request.headers.set(MARK, "1");
    return request;
  };
  const wait = (milliseconds) => new Promise((then) => setTimeout(then, milliseconds));

  // Gradio holds one of the browser's six connections open for each page, its heartbeat, and never reads what comes.
  // Instead the page asks again and again, and the server lets the first page of a browser hold one (`server/heartbeats.py`).
  const HEARTBEAT = /\/gradio_api\/heartbeat\/[\w-]+$/, RETRY = 2; // seconds
  const beat = async ({ url, signal }) => {
    addEventListener("pagehide", () => send(marked(url, { method: "POST", keepalive: true })).catch(() => {}), { signal });
    while (!signal.aborted) {
      let seconds = RETRY;
      try {
        const answer = await send(marked(url, { signal }));
        seconds = Number(answer.headers.get("Retry-After")) || RETRY;
        await answer.body?.pipeTo(new WritableStream());
      } catch { /* the server is away: it may be started anew at this moment */ }
      await wait(1000 * seconds);
    }
  };
  window.fetch = (input, options) => {
    const request = marked(input, options);
    if (!HEARTBEAT.test(new URL(request.url).pathname)) return send(request);
    beat(request);
    return Promise.resolve(new Response(new ReadableStream(), { headers: { "Content-Type": "text/event-stream" } }));
  };

  // Plotly takes a second to start. The page has the browser fetch it early but run it only when a plot asks, so
  // that the controls stand first.
  let promised = null;
  const loadPlotly = () => new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: plotly });
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { promised = null; reject(new Error("Plotly did not load")); }; // the next call tries again
    document.head.append(script);
  });

  // --- the language changes in place: Gradio's own switch for its components, our event for the panels ---
  const addressIn = (tag) => {
    const address = new URL(location.href); // the other parameters stay
    address.searchParams.set("lang", tag);
    return address;
  };
  const TABS = ".tab-container button, .overflow-dropdown button";
  const texts = () => [...document.querySelectorAll(TABS)].map((node) => node.textContent.trim());
  // A tab that has not been open yet keeps its first name in Gradio: it is renamed by the words that the page has.
  const renameTabs = (tag) => {
    const known = window.gradio_config?.i18n_translations ?? {}, all = Object.values(known);
    for (const node of document.querySelectorAll(TABS)) {
      const text = document.createTreeWalker(node, NodeFilter.SHOW_TEXT).nextNode();
      const key = text && Object.keys(all[0] ?? {}).find((name) => /tab$/.test(name) && all.some((words) => words[name] === text.data.trim()));
      const word = key && known[rowOf(tag)?.key]?.[key];
      if (word && text.data.trim() !== word) text.data = word;
    }
  };
  let changed = false; // since the page has loaded
  const renameSoon = () => { // tabs within a tab come a moment after it is opened
    for (const wait of changed ? [0, 100, 400, 1500, 4000] : []) setTimeout(() => renameTabs(language), wait);
  };
  const changeGradio = async () => {
    const { changeLocale } = await import(new URL(locale, document.baseURI).href);
    return (tag) => {
      changeLocale(tag);
      root.lang = tag;
      root.dir = row().direction;
    };
  };
  // A language that Gradio has no words of its own for: it has started in English.
  const insist = async () => {
    (await changeGradio())(language);
    changed = true;
    renameSoon();
  };
  async function setLanguage(tag) {
    if (tag === rnnlab.language()) return;
    const before = texts().join();
    remember("rnnlab_lang", tag);
    try {
      const change = await changeGradio();
      language = tag; // what the browser says from now on
      history.replaceState(history.state, "", addressIn(tag)); // a link to it, and what the server hears as the page's address
      change(tag);
      const until = performance.now() + 3000; // Gradio fetches its own few words first
      while (texts().join() === before && performance.now() < until) await new Promise(requestAnimationFrame);
      if (texts().join() === before) throw new Error("Gradio kept its language");
      changed = true;
      renameSoon();
    } catch (error) { // a Gradio that works otherwise: the page is loaded anew, which keeps its fields as well
      console.warn(error);
      location.assign(addressIn(tag));
    }
  }

  window.rnnlab = {
    languages,
    language: () => row().html,
    languageKey: () => row().key,
    sentenceSpace: () => row().sentenceSpace,
    setLanguage,
    theme: () => root.dataset.theme,
    plotly: () => (promised ??= loadPlotly()),
  };

  new MutationObserver(() => {
    if (ours(root.lang) !== language) return void insist();
    tellServer();
    document.title = title();
    tell("rnnlab:language", rnnlab.language());
  }).observe(root, { attributes: true, attributeFilter: ["lang"] });

  // "interactive": the whole page is parsed and Gradio's module has not run yet.
  document.addEventListener("readystatechange", () => {
    if (window.gradio_config) { // where the app is the browser knows best, whatever a proxy has told the server
      Object.assign(window.gradio_config, { title: title(), root: new URL(".", location.href).href.replace(/\/$/, "") });
    }
    if (themeChosen) document.querySelector("gradio-app")?.setAttribute("theme_mode", themeChosen);
    new MutationObserver(() => {
      const theme = document.body.classList.contains("dark") ? "dark" : "light";
      if (theme === root.dataset.theme) return;
      root.dataset.theme = theme;
      tell("rnnlab:theme", theme);
    }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  }, { once: true });

  // A reload comes back to the tab that was open.
  const TAB = "#tabs > .tab-wrapper [role=tab]", PART = "#tag-parts > .tab-wrapper [role=tab]";
  const comeBack = (selector, open) => {
    const look = new MutationObserver(() => {
      const tab = [...document.querySelectorAll(selector)].find((node) => node.dataset.tabId === open);
      if (tab) { look.disconnect(); tab.click(); }
    });
    look.observe(root, { childList: true, subtree: true });
    setTimeout(() => look.disconnect(), 15000); // on a phone it may be in the menu
  };
  const TABS_KEPT = { rnnlab_tab: [TAB, "train"], rnnlab_tag_part: [PART, "sentence"] }; // with what opens by itself
  for (const [key, [selector, first]] of Object.entries(TABS_KEPT)) {
    const open = sessionStorage.getItem(key);
    if (open && open !== first) comeBack(selector, open);
  }

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    for (const [key, [selector]] of Object.entries(TABS_KEPT)) {
      const tab = event.target.closest(selector);
      if (tab && event.isTrusted) remember(key, tab.dataset.tabId, sessionStorage);
      if (tab) renameSoon();
    }
    if (event.target.closest("[data-switch=theme]")) setTheme(rnnlab.theme() === "dark" ? "light" : "dark");
    const link = event.target.closest("a[data-language]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    setLanguage(link.dataset.language);
  });
})();
