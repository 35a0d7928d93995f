// @ts-check
// Figures from Python, drawn by Plotly in the page's colours and growing with the screen.

import { readPoints } from "./chart_points.js";
import { appendPoints, boundedData, logLabels } from "./bounds.js";
import { endLabels, labelChanges } from "./end_labels.js";
import { isDark, isProjected, plotly, queryAll, withWords } from "./page.js";

/** @import { Figure, Plot, Points, Trace } from "../types.d.ts" */

const touchScreen = () => matchMedia("(pointer: coarse)").matches;
const config = () => ({
  responsive: true,
  displaylogo: false,
  displayModeBar: touchScreen() ? false : "hover",
  // These buttons and no others: Plotly's own choice has one that offers to upload the chart to its makers.
  modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
  showTips: false, // they exist in English only, and lie over the page
});

/** @param {Plot} plot */
function textStyle(plot) {
  const least = parseFloat(getComputedStyle(plot).getPropertyValue("--lab-least")); // styles/projector.css sets it
  const size = isProjected() ? Math.round(least) : innerWidth < 760 ? 14 : Math.min(26, Math.max(16, Math.round(innerWidth / 80)));
  return { "font.color": getComputedStyle(plot).getPropertyValue("--body-text-color").trim(), "font.size": size };
}

const LEAST_WIDTH = 5, THICKER = 2, LARGER = 1.6; // px of a line, and times what it has, for the back row
/** @param {any} shape of a layout */
const thicker = (shape) => (shape.line?.width ? { ...shape, line: { ...shape.line, width: Math.max(LEAST_WIDTH, THICKER * shape.line.width) } } : shape);

/** @param {Record<string, any>} layout @param {Plot} plot */
function styledLayout(layout, plot) {
  const { "font.color": color, "font.size": size } = textStyle(plot);
  const legend = { ...layout.legend, font: { size } };
  const dragmode = touchScreen() ? false : layout.dragmode ?? "zoom"; // a finger scrolls the page
  const shapes = isProjected() ? layout.shapes?.map(thicker) : layout.shapes;
  const margin = isProjected() ? { ...layout.margin, t: Math.max(layout.margin?.t ?? 0, layout.annotations?.length ? 1.5 * size : 0) } : layout.margin;
  return { ...layout, ...(shapes ? { shapes } : {}), margin, legend, dragmode, autosize: true, font: { ...layout.font, color, size }, hoverlabel: { font: { size } } };
}

/**
 * Replace colours by their lighter ones where the page is dark.
 * @template T
 * @param {T} data
 * @param {Record<string, string>} darkColors
 * @returns {T}
 */
export const inThemeColors = (data, darkColors) =>
  isDark() ? JSON.parse(JSON.stringify(data), (_, value) => darkColors?.[value] ?? value) : data;

// Plotly's buttons speak English, and the Tab key would stop at all of them: zooming and moving need a mouse anyway.
/** @param {Plot} plot */
const nameButtons = (plot) => withWords("plot", (words) => {
  for (const button of queryAll(plot, ".modebar-btn")) {
    const { attr, val } = button.dataset, name = attr ? `${attr}.${val}` : "image";
    button.dataset.title = words[name] ?? button.dataset.title;
    button.setAttribute("aria-label", button.dataset.title);
    button.tabIndex = attr ? -1 : 0;
  }
});

// A list of options may close under a mouse that is still pressed; Plotly would take its release for a click.
/** @type {EventTarget | null} */
let pressedOn = null;
document.addEventListener("mousedown", (event) => { pressedOn = event.target; }, true);
/** @param {Plot} plot */
const ignoreForeignClicks = (plot) => {
  plot.addEventListener("mouseup", (event) => {
    if (!(pressedOn instanceof Node && plot.contains(pressedOn))) event.stopImmediatePropagation();
  }, true);
};

/** @param {Plot} plot @returns {Record<string, any>} changes of the layout */
function logAxisChanges(plot) {
  const axis = plot._fullLayout?.yaxis;
  if (axis?.type !== "log" || !(axis.range[1] > axis.range[0])) return {};
  const [low, high] = axis.range;
  const tickvals = logLabels(low, high).filter((value) => value >= 10 ** low && value <= 10 ** high);
  if (String(plot.layout.yaxis.tickvals) === String(tickvals)) return {};
  return { "yaxis.tickmode": "array", "yaxis.tickvals": tickvals };
}

/** @param {Plot} plot */
function label(plot) {
  if (plot.labelling) return;
  const changes = { ...logAxisChanges(plot), ...labelChanges(plot) };
  if (!Object.keys(changes).length) return;
  plot.labelling = true; // other labels may take other room, and so move the range: once is enough
  window.Plotly.relayout(plot, changes).finally(() => { plot.labelling = false; });
}

/** @type {WeakMap<Trace, { width?: number, size?: number }>} what projector mode has set */
const enlarged = new WeakMap();

/** In projector mode: thicker lines and larger marks; what has them already keeps them. @param {Trace[]} data */
export function enlargeLines(data) {
  for (const trace of isProjected() ? data : []) {
    const { line, marker } = trace, set = enlarged.get(trace) ?? {};
    if (line?.width && line.width !== set.width) trace.line = { ...line, width: set.width = Math.max(LEAST_WIDTH, line.width * THICKER) };
    if (typeof marker?.size === "number" && marker.size !== set.size) {
      const outline = marker.line?.width ? { line: { ...marker.line, width: Math.max(LEAST_WIDTH, marker.line.width) } } : {};
      trace.marker = { ...marker, ...outline, size: set.size = marker.size * LARGER };
    }
    enlarged.set(trace, set);
  }
}

/** @param {Plot} plot */
function watchPlot(plot) {
  if (plot.watched) return;
  plot.watched = true;
  ignoreForeignClicks(plot);
  readPoints(plot);
  plot.on("plotly_afterplot", () => label(plot));
  label(plot);
  // The plot also takes its size when its tab is shown for the first time.
  new ResizeObserver(() => plot.offsetWidth && window.Plotly.relayout(plot, textStyle(plot))).observe(plot);
}

/** @param {Plot} plot @param {Trace[]} data @param {Record<string, any>} layout */
function setLabels(plot, data, layout) {
  const labels = endLabels(plot, data, layout);
  if (labels) Object.assign(layout, { annotations: labels.annotations, margin: { ...layout.margin, r: labels.margin } });
}

/**
 * Draw a figure.
 * @param {Plot} plot
 * @param {Figure} figure
 * @param {Record<string, string>} darkColors the lighter colour of each one, for a dark page
 */
export async function draw(plot, figure, darkColors) {
  const Plotly = await plotly();
  const data = inThemeColors(boundedData(figure), darkColors), layout = styledLayout(figure.layout, plot);
  enlargeLines(data);
  setLabels(plot, data, layout);
  await Plotly.react(plot, data, layout, config());
  nameButtons(plot); // not awaited: a curve goes on without them
  watchPlot(plot);
}

/**
 * Append points to the traces of a plot.
 * @param {Plot} plot
 * @param {Record<string, Points>} points by the trace's uid
 * @param {(data: Trace[]) => void} [alter] changes traces before they are drawn, once
 */
export async function extend(plot, points, alter = () => {}) {
  const Plotly = await plotly();
  appendPoints(plot.data, plot.layout.meta, points);
  alter(plot.data);
  enlargeLines(plot.data);
  setLabels(plot, plot.data, plot.layout);
  await Plotly.redraw(plot); // as Plotly's own extendTraces does
}
