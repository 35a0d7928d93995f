// What the panels of the tabs share; boot.js has made `rnnlab`. A panel finds here, besides boot.js's list:
//   rnnlab.follow(element, hooks)          keep a panel true to a reference: the whole picture once, then only news
//   rnnlab.say(element, words)             the panel's own words, in the page's language
//   rnnlab.speak(element, section, then)   the same, for a panel that no picture brings words to
//   rnnlab.fill(text, values)              a text with its {placeholders} filled in
//   rnnlab.make(tag, className, text)      a new element
//   rnnlab.player(host, options)           a play button and a slider
//   rnnlab.heat(options)                   a matrix as a table of coloured numbers
//   rnnlab.refused(panel, value, kept)     whether a setting was refused; if so, it is said over the dimmed picture
//   rnnlab.withWords(section, then)        calls then(words) with the words of a section
// figures.js has numbers and plots.
// Everything that a person or a model wrote is set as textContent.
(() => {
  "use strict";
  const STILL = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // --- a run, or a recorded one ---

  // `attach(reference)` asks for `lab/<reference>` once and follows `lab/<reference>/events` from there; a "?" and what
  // follows only make a reference new, except "?back": the run that was left here, which gives way to one that was
  // started while the page was still loading. hooks: picture(picture, reference), news(news), and if wanted stale(news):
  // whether to draw anew instead; lost(): the connection is, for now; gone(): the run is no longer kept, `home` is shown
  // instead. The tab's data-run says how the run stands: style.css shows the buttons that make sense. A page that nobody
  // looks at says so, and the server may let a stream `rest`, to be asked again: a browser has six connections for
  // all of its pages (`ui/stream_quota.py`).
  const RETRY = 2000; // milliseconds until a server that did not answer is asked again
  const follow = (element, hooks, home = "") => {
    let source = null, current = "", attempt = 0, drawn = Promise.resolve();
    const stands = (state) => { const tab = element.closest("[role=tabpanel]"); if (tab) tab.dataset.run = state; };

    // One after the other, however long drawing takes; what has been overtaken meanwhile is not drawn. What fails to
    // be drawn is reported, and the next one's turn comes all the same.
    const inTurn = (mine, draw) => {
      const turn = drawn.then(() => mine === attempt && draw());
      drawn = turn.catch(() => {});
      return turn.then(); // a promise of its own: nobody has caught its failure yet
    };

    async function attach(value) {
      const [reference, how] = value?.split("?") ?? [];
      if (how === "back" && current.startsWith("runs/")) return;
      const mine = ++attempt;
      source?.close();
      current = reference ?? "";
      if (!reference) return;
      let response, picture;
      try {
        [response] = await Promise.all([fetch(`lab/${reference}?lang=${rnnlab.language()}`), rnnlab.plotly()]);
        picture = await response.json();
      } catch { // the server is away: it may be started anew at this moment
        if (mine !== attempt) return;
        hooks.lost?.();
        setTimeout(() => mine === attempt && attach(reference), RETRY);
        return;
      }
      if (mine !== attempt) return; // something newer is being drawn
      if (!response.ok) {
        if (picture.state !== "gone" || !home || reference === home) return;
        await attach(home);
        if (current === home) hooks.gone?.();
        return;
      }
      await inTurn(mine, async () => {
        await hooks.picture(picture, reference);
        stands(picture.state);
      });
      if (picture.live && mine === attempt) listen(reference, picture.cursor, mine);
    }

    function listen(reference, cursor, mine) {
      let heard = cursor, resting = false, stream = null;
      const open = () => {
        stream?.close();
        const away = document.hidden ? "&away" : "";
        source = stream = new EventSource(`lab/${reference}/events?cursor=${heard}&lang=${rnnlab.language()}${away}`);
        stream.onmessage = hear;
        stream.onerror = fail;
      };
      const hear = (message) => {
        const news = JSON.parse(message.data);
        heard = message.lastEventId;
        resting = news.rest;
        if (news.last) end();
        inTurn(mine, async () => {
          if (hooks.stale?.(news)) return void attach(reference); // not awaited: its turn comes after this one
          await hooks.news(news);
          stands(news.state);
        });
      };
      const fail = () => {
        if (mine !== attempt) return;
        if (stream.readyState === EventSource.CLOSED) attach(reference); // refused: ask once what is so
        else if (resting) resting = false;
        else hooks.lost?.();
      };
      const turn = () => (mine === attempt && stream.readyState !== EventSource.CLOSED ? open() : end());
      const end = () => {
        if (stream.readyState !== EventSource.CLOSED) stream.close();
        document.removeEventListener("visibilitychange", turn);
      };
      open();
      document.addEventListener("visibilitychange", turn);
    }

    for (const change of ["rnnlab:language", "rnnlab:theme"]) document.addEventListener(change, () => attach(current));
    return attach;
  };

  // --- words and numbers ---

  const say = (element, words) => {
    for (const node of element.querySelectorAll("[data-word]")) node.textContent = words[node.dataset.word] ?? "";
    for (const node of element.querySelectorAll("[data-aria]")) node.setAttribute("aria-label", words[node.dataset.aria] ?? "");
  };
  const sections = new Map(); // by their address: a promise each
  const ask = async (address) => {
    for (;;) {
      const words = await fetch(address).then((response) => response.ok && response.json()).catch(() => null);
      if (words) return words;
      await new Promise((then) => setTimeout(then, RETRY)); // the server may be started anew at this moment
    }
  };
  // Calls `then(words)` with the words of a section, unless the page speaks another language by then.
  const withWords = async (section, then) => {
    const language = rnnlab.language(), address = `lab/words/${section}?lang=${language}`;
    if (!sections.has(address)) sections.set(address, ask(address));
    const words = await sections.get(address);
    if (language === rnnlab.language()) then(words);
  };
  // Says the words of a section and calls `then(words)`: now, and whenever the language changes.
  const speak = (element, section, then) => {
    const learn = () => withWords(section, (words) => {
      say(element, words);
      then(words);
    });
    document.addEventListener("rnnlab:language", learn);
    learn();
  };
  const fill = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const make = (tag, className = "", text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

  // --- a slider that can play ---

  // options: label, play, pause (words), count, perSecond, show(i), text(i) for the output, played(whether it plays); → { set, count, play, pause, words }
  const player = (host, options) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "play" });
    const slider = Object.assign(document.createElement("input"), { type: "range", min: 0, step: 1 });
    const output = document.createElement("output");
    let count = 1, value = 0, timer = null, said = options;
    host.classList.add("player");
    host.replaceChildren(button, slider, output);

    const label = () => {
      button.dataset.playing = timer !== null;
      button.setAttribute("aria-label", `${timer === null ? said.play : said.pause}: ${said.label}`);
      slider.setAttribute("aria-label", said.label);
      options.played?.(timer !== null);
    };
    const set = (wanted) => {
      value = Math.max(0, Math.min(count - 1, wanted));
      slider.value = value;
      output.textContent = options.text?.(value) ?? `${value + 1} / ${count}`;
      slider.setAttribute("aria-valuetext", `${said.label} ${output.textContent}`);
      options.show(value);
    };
    const pause = () => { clearInterval(timer); timer = null; label(); };
    const play = () => {
      pause();
      if (value >= count - 1) set(0);
      timer = setInterval(() => {
        if (!host.isConnected || value >= count - 1) return pause();
        if (host.offsetWidth) set(value + 1); // a hidden tab waits
      }, 1000 / options.perSecond);
      label();
    };
    const resize = (wanted) => { count = Math.max(1, wanted); slider.max = count - 1; };
    button.addEventListener("click", () => (timer === null ? play() : pause()));
    slider.addEventListener("input", () => { pause(); set(Number(slider.value)); });
    resize(options.count ?? 1);
    label();
    return {
      set, play, pause, count: resize,
      words: (words) => { said = { ...said, ...words }; label(); },
      get value() { return value; },
      get playing() { return timer !== null; },
    };
  };

  // --- a matrix ---

  // options: values (a list, shown as a column, or a list of rows); scale "signed" (one diverging scale, 0 in the middle),
  // "probability" or "plain"; limit: the value of the full colour; digits; rows, columns: headings; caption, shape;
  // lit: {row, column}. A cell carries data-row and data-column, and its exact value as a title.
  const heat = ({ values, scale = "signed", limit, digits = 2, rows, columns, caption = "", shape = "", lit = {} }) => {
    const matrix = values.map((row) => (Array.isArray(row) ? row : [row]));
    const largest = matrix.flat().reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
    const full = limit ?? (largest || 1);
    const table = document.createElement("table");
    table.className = `heat ${scale}`;
    const title = table.createCaption();
    title.append(Object.assign(document.createElement("b"), { textContent: caption }), ` ${shape}`);
    if (columns) {
      const head = table.createTHead().insertRow();
      if (rows) head.insertCell().className = "corner";
      columns.forEach((name, j) => {
        const cell = Object.assign(document.createElement(name.trim() ? "th" : "td"), { textContent: name });
        if (name.trim()) cell.scope = "col"; // what is blank heads nothing
        if (lit.column === j) cell.classList.add("lit");
        head.append(cell);
      });
    }
    const body = table.createTBody();
    matrix.forEach((row, i) => {
      const line = body.insertRow();
      if (rows) line.append(Object.assign(document.createElement("th"), { scope: "row", textContent: rows[i] }));
      row.forEach((value, j) => {
        const cell = line.insertCell();
        cell.textContent = scale === "plain" || (Number.isInteger(value) && Math.abs(value) < 1e6) ? String(value) : rnnlab.decimal(value, digits);
        cell.title = String(value);
        Object.assign(cell.dataset, { row: i, column: j });
        if (scale !== "plain") {
          cell.style.setProperty("--strength", Math.min(1, Number.isNaN(value) ? 0 : Math.abs(value ?? Infinity) / full).toFixed(3));
          if (value < 0) cell.classList.add("negative");
        }
        if ((lit.row ?? i) === i && (lit.column ?? j) === j && (lit.row !== undefined || lit.column !== undefined)) cell.classList.add("lit");
      });
    });
    return table;
  };

  // --- a setting that is refused ---

  // Whether `value` is {refused: {en, zh, …}, field}: then the field is marked, and the panel's old picture stays, dimmed,
  // under the message and `kept`.
  const refused = (panel, value, kept) => {
    panel.parentElement.querySelector(":scope > .refused")?.remove();
    panel.toggleAttribute("data-refused", Boolean(value?.refused));
    if (!value?.refused) return false;
    const message = value.refused[rnnlab.languageKey()];
    rnnlab.mark(value.field);
    const note = make("p", "refused", [message, kept].join(rnnlab.sentenceSpace()));
    note.setAttribute("role", "alert");
    panel.before(note);
    return true;
  };

  Object.assign(window.rnnlab, { follow, refused, say, speak, withWords, fill, make, player, heat, still: STILL });
})();
