// Numbers and figures, for all panels; boot.js and panel.js come first. A panel finds here:
//   rnnlab.number(value, digits)           a number as the page's language writes it; beyond six digits 1.9·10¹⁰; null is ∞
//   rnnlab.decimal(value, digits)          a number with that many places and a real minus; a large one as `number` has it
//   rnnlab.draw(plot, figure, darkColors)  a promise: a figure from Python in the page's colours, growing with the screen
//   rnnlab.extend(plot, points, more)      a promise: points appended to its traces, {place: {x: [], y: []}}; `more` may
//                                          change the traces before they are drawn, once
// Both keep the bounds that rnnlab/figures/bounds.py gives in layout.meta: what lies beyond the ceiling is a gap in its
// line and an arrow with its number at the upper edge, a long line is thinned, a log axis has few labels.
(() => {
  "use strict";
  const MAX_POINTS = 2000; // of one line, as in bounds.py; it is thinned again when it has grown to twice as many
  const COARSE = matchMedia("(pointer: coarse)").matches;
  // These buttons and no others: Plotly's own choice has one that offers to upload the chart to its makers.
  const CONFIG = {
    responsive: true, displaylogo: false, displayModeBar: COARSE ? false : "hover",
    modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
    showTips: false, // they know no language but English, and lie over the page
  };

  // --- numbers ---

  const SUPER = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  const noNumber = (value) => (Number.isNaN(value) ? "–" : value < 0 ? "−∞" : "∞"); // JSON has null for what is infinite
  const power = (value, digits) => {
    const [mantissa, exponent] = value.toExponential(Math.max(0, digits - 1)).split("e");
    const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
    return `${short.replace("-", "−")}·10${[...exponent.replace("+", "")].map((c) => SUPER[c]).join("")}`;
  };
  const plain = (value, digits) => new Intl.NumberFormat(rnnlab.language(), { maximumSignificantDigits: digits }).format(value).replace("-", "−");
  const number = (value, digits = 3) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return noNumber(value ?? Infinity);
    const size = Math.abs(value);
    if (size >= 1e6 && digits < 7) return power(value, 2);
    return size >= 1e-4 || size === 0 ? plain(value, digits) : power(value, Math.min(digits, 3));
  };
  const decimal = (value, digits = 2) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return noNumber(value ?? Infinity);
    if (Math.abs(value) >= 10 ** Math.max(2, 6 - digits)) return power(value, 2);
    return value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
  };

  // --- bounds: the rules of bounds.py, once more ---

  const UNBOUNDED = { ceiling: Infinity, log: false, arrows: {} };
  const drawable = (meta, value) =>
    Number.isFinite(value) && Math.abs(value) <= meta.ceiling && !(meta.log && value <= 0) ? value : null;
  // Of each stretch the lowest point, the highest, and the first gap.
  const thinned = (x, y, most = MAX_POINTS) => {
    if (x.length <= most) return [x, y];
    const parts = Math.max(1, Math.floor(most / 2)), size = Math.floor(x.length / parts), longer = x.length % parts;
    const kept = [];
    for (let part = 0, from = 0; part < parts; part++) {
      const to = from + size + (part < longer ? 1 : 0);
      let low = -1, high = -1, gap = -1;
      for (let i = from; i < to; i++) {
        if (y[i] === null) { if (gap < 0) gap = i; continue; }
        if (low < 0 || y[i] < y[low]) low = i;
        if (high < 0 || y[i] > y[high]) high = i;
      }
      kept.push(...[...new Set([gap, low, high])].filter((i) => i >= 0).sort((a, b) => a - b));
      from = to;
    }
    return [kept.map((i) => x[i]), kept.map((i) => y[i])];
  };
  // The arrows that are there, and those of new points: each line keeps its newest, and the newest has the number.
  const pointed = (data, meta, fresh) => {
    const trace = data[meta.beyond], color = data.map((line) => line.line?.color);
    const old = (trace.customdata ?? []).map(([place, value], i) => ({ place, value, x: trace.x[i] }));
    const shown = [];
    let row = 0;
    for (const [place, most] of Object.entries(meta.arrows)) {
      const mine = [...old, ...fresh].filter((arrow) => arrow.place === Number(place)).slice(-most);
      const numbered = meta.numbered.includes(Number(place));
      mine.forEach((arrow, i) => shown.push({ ...arrow, text: i + 1 < mine.length || !numbered ? "" : "<br>".repeat(row) + number(arrow.value, 4) }));
      if (mine.length && numbered) row++;
    }
    const column = (of) => shown.map(of), colors = column((arrow) => color[arrow.place]);
    Object.assign(trace, {
      x: column((arrow) => arrow.x), y: column(() => meta.ceiling), text: column((arrow) => arrow.text),
      hovertext: column((arrow) => `${data[arrow.place].name}: ${number(arrow.value, 4)}`),
      customdata: column((arrow) => [arrow.place, arrow.value]),
      textposition: column((arrow) => `bottom ${arrow.x > meta.middle ? "left" : "right"}`),
      marker: { ...trace.marker, color: colors }, textfont: { ...trace.textfont, color: colors },
    });
  };
  const bound = (meta, place, { x, y }, beyond) => {
    const values = y.map((value, i) => {
      if (value > meta.ceiling && place in meta.arrows) beyond.push({ place: Number(place), x: x[i], value: Number.isFinite(value) ? value : null });
      return drawable(meta, value);
    });
    return thinned(x, values);
  };
  // A figure whose lines a panel has filled in.
  const bounded = (figure) => {
    const meta = figure.layout.meta;
    if (!meta?.arrows) return figure.data;
    const data = [...figure.data], beyond = [];
    for (const place of Object.keys(meta.arrows)) {
      const [x, y] = bound(meta, place, { x: data[place].x ?? [], y: data[place].y ?? [] }, beyond);
      data[place] = { ...data[place], x, y };
    }
    if (beyond.length) {
      data[meta.beyond] = { ...data[meta.beyond] };
      pointed(data, meta, beyond);
    }
    return data;
  };

  // Labels of a log axis: powers of ten; on a short axis 1, 2, 5; on a shorter one even steps. They are a list, so that
  // there are no more of them when the axis grows with the next point.
  const labels = (low, high) => {
    const decades = high - low, from = Math.ceil(low), powers = [];
    if (decades > 0.8) {
      const every = decades > 2.5 ? Math.max(1, Math.ceil(decades / 6)) : 1;
      for (let power = Math.floor(low); power <= high; power += 1) if ((power - from) % every === 0 || power < from) powers.push(10 ** power);
      const digits = decades > 2.5 ? [1] : [1, 2, 5];
      return powers.flatMap((power) => digits.map((digit) => Number((digit * power).toPrecision(2))));
    }
    const step = (10 ** high - 10 ** low) / 3, unit = 10 ** Math.floor(Math.log10(step) + 1e-9);
    const even = unit * ([5, 2].find((times) => times * unit <= step) ?? 1), first = Math.ceil(10 ** low / even);
    return Array.from({ length: 8 }, (_, i) => Number(((first + i) * even).toPrecision(6)));
  };
  const label = (plot) => {
    const axis = plot._fullLayout?.yaxis;
    if (plot.labelling || axis?.type !== "log" || !(axis.range[1] > axis.range[0])) return;
    const tickvals = labels(...axis.range).filter((value) => value >= 10 ** axis.range[0] && value <= 10 ** axis.range[1]);
    if (String(plot.layout.yaxis.tickvals) === String(tickvals)) return;
    plot.labelling = true; // other labels may take other room, and so move the range: once is enough
    window.Plotly.relayout(plot, { "yaxis.tickmode": "array", "yaxis.tickvals": tickvals }).finally(() => { plot.labelling = false; });
  };

  // --- looks ---

  function look(plot) {
    const size = innerWidth < 760 ? 14 : Math.min(26, Math.max(14, Math.round(innerWidth / 85)));
    return { "font.color": getComputedStyle(plot).getPropertyValue("--body-text-color").trim(), "font.size": size };
  }
  function dressed(layout, plot) {
    const { "font.color": color, "font.size": size } = look(plot);
    const legend = { ...layout.legend, font: { size } };
    const dragmode = COARSE ? false : "zoom"; // a finger scrolls the page
    return { ...layout, legend, dragmode, autosize: true, font: { ...layout.font, color, size }, hoverlabel: { font: { size } } };
  }
  // A dark page wants the same hues, lighter.
  const recoloured = (data, lighter) =>
    rnnlab.theme() === "dark" ? JSON.parse(JSON.stringify(data), (_, value) => lighter?.[value] ?? value) : data;

  // Plotly's buttons speak English, and the Tab key would stop at all of them: zooming and moving are for a mouse anyway.
  const nameButtons = (plot) => rnnlab.withWords("plot", (words) => {
    for (const button of plot.querySelectorAll(".modebar-btn")) {
      const { attr, val } = button.dataset, name = attr ? `${attr}.${val}` : "image";
      button.dataset.title = words[name] ?? button.dataset.title;
      button.setAttribute("aria-label", button.dataset.title);
      button.tabIndex = attr ? -1 : 0;
    }
  });

  // A list of options may close under a mouse that is still pressed; Plotly would take its release for a click.
  let pressedOn = null;
  document.addEventListener("mousedown", (event) => { pressedOn = event.target; }, true);
  const ignoreForeignClicks = (plot) => {
    plot.addEventListener("mouseup", (event) => {
      if (!(pressedOn instanceof Node && plot.contains(pressedOn))) event.stopImmediatePropagation();
    }, true);
  };

  const draw = async (plot, figure, darkColors) => {
    const Plotly = await rnnlab.plotly();
    await Plotly.react(plot, recoloured(bounded(figure), darkColors), dressed(figure.layout, plot), CONFIG);
    nameButtons(plot); // not awaited: a curve goes on without them
    if (plot.watched) return;
    plot.watched = true; // it also takes its size when its tab is shown for the first time
    ignoreForeignClicks(plot);
    plot.on("plotly_afterplot", () => label(plot));
    label(plot);
    new ResizeObserver(() => plot.offsetWidth && Plotly.relayout(plot, look(plot))).observe(plot);
  };

  const extend = async (plot, points, more = () => {}) => {
    const Plotly = await rnnlab.plotly();
    const meta = plot.layout.meta ?? UNBOUNDED, beyond = [];
    for (const [place, { x, y }] of Object.entries(points)) {
      const [at, values] = bound(meta, place, { x, y }, beyond), trace = plot.data[place];
      const [allX, allY] = [[...(trace.x ?? []), ...at], [...(trace.y ?? []), ...values]];
      [trace.x, trace.y] = allX.length > 2 * MAX_POINTS ? thinned(allX, allY) : [allX, allY];
    }
    if (beyond.length) pointed(plot.data, meta, beyond);
    more(plot.data);
    await Plotly.redraw(plot); // which is what Plotly's own extendTraces does
  };

  Object.assign(window.rnnlab, { number, decimal, draw, extend, thinned });
})();
