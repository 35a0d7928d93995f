// @ts-check
// The curve as a picture for paper and slides: the page's figure, dark on white, with the run as its title.

import { boundedData, logLabels } from "../../frontend/lib/bounds.js";

/** @import { Figure, TrainPayload } from "../../frontend/types.d.ts" */

const SIZE = { width: 1280, height: 720 }; // CSS pixels; a PNG has twice as many
const INK = "#1f2937";

/**
 * Make of the page's figure what `Plotly.toImage` takes.
 * @param {Figure} figure as Python has sent it, in the colours of a light page
 * @param {string} title
 * @param {"svg" | "png"} format
 */
export function printed(figure, title, format) {
  const { layout } = figure, { range } = layout.yaxis, [low, high] = range;
  const tickvals = logLabels(low, high).filter((value) => value >= 10 ** low && value <= 10 ** high);
  return {
    data: boundedData(figure),
    layout: {
      ...layout,
      yaxis: { ...layout.yaxis, tickmode: "array", tickvals },
      font: { ...layout.font, color: INK, size: 16 },
      title: { text: escaped(title), x: 0.02, y: 0.97, yanchor: "top", font: { size: 17 } },
      margin: { l: 72, r: 24, t: 84, b: 56 },
      paper_bgcolor: "white",
      plot_bgcolor: "white",
    },
    options: { format, ...SIZE, scale: format === "png" ? 2 : 1 },
  };
}

// Plotly reads tags in a title, and a corpus may be called anything.
/** @param {string} text */
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * Name a picture as the server names the other files of a run.
 * @param {Pick<TrainPayload, "model" | "last">} payload
 * @param {string} format
 */
export const pictureName = ({ model, last }, format) =>
  `rnnlab-${model.toLowerCase().replace(" ", "-")}-epoch-${last?.epoch ?? 0}.${format}`;
