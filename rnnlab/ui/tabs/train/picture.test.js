import assert from "node:assert/strict";
import { test } from "node:test";

import { pictureName, printed } from "./picture.js";

const figure = {
  data: [{ uid: "training", x: [1], y: [5], line: { color: "#0072B2" } }],
  layout: {
    yaxis: { type: "log", range: [-0.26, 3.1] }, xaxis: {}, font: { family: "system-ui", size: 15 }, paper_bgcolor: "rgba(0, 0, 0, 0)",
    meta: { ceiling: 1000, log: true, middle: 5, arrows: {}, numbered: [], beyond: "beyond", max_points: 100 },
  },
};

test("a picture is dark on white, with a title in which no tag is read", () => {
  const { data, layout, options } = printed(figure, "GRU on <b>x</b> & y", "png");
  assert.equal(data[0].line.color, "#0072B2");
  assert.equal(layout.paper_bgcolor, "white");
  assert.equal(layout.title.text, "GRU on &lt;b&gt;x&lt;/b&gt; &amp; y");
  assert.equal(layout.font.family, "system-ui");
  assert.ok(layout.yaxis.tickvals.includes(10) && layout.yaxis.tickvals.every((value) => value <= 10 ** 3.1));
  assert.deepEqual(options, { format: "png", width: 1280, height: 720, scale: 2 });
  assert.equal(figure.layout.paper_bgcolor, "rgba(0, 0, 0, 0)"); // the page's own stays
});

test("an SVG has the size of the page, and files are named by model and epoch", () => {
  assert.equal(printed(figure, "", "svg").options.scale, 1);
  assert.equal(pictureName({ model: "GRU 192", last: { epoch: 20 } }, "svg"), "rnnlab-gru-192-epoch-20.svg");
  assert.equal(pictureName({ model: "LSTM 8", last: null }, "png"), "rnnlab-lstm-8-epoch-0.png");
});
