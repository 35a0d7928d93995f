// @ts-check
// Where the boxes and arrows of an unrolled network stand: a column per step, a row per layer and direction, an output
// layer on top. `unrolled.js` draws it. Lengths are pixels.

/**
 * @typedef {object} Network
 * @property {{ input: string, outputs: string[], isGap?: boolean }[]} columns its steps; a gap stands for those left out
 * @property {number} layers
 * @property {number} directions
 * @property {boolean} isRecurrent without recurrence no arrow joins two columns
 * @property {boolean} [hasCell] the state is a pair: a second arrow joins two columns, for c above that for h
 */

/** @typedef {{ layer: number, reverse: boolean, column: number, x: number, y: number, half: number }} Box */
/** @typedef {{ kind: "in" | "state" | "cell" | "out" | "top", layer: number, reverse: boolean, column: number, d: string, bare?: boolean }} Line */

const ROW = 54, JOIN = 22, BOX = 17; // heights: of a row of boxes, of the place where two directions meet, half of a box
const RAIL = 8, NAMED = 26; // of a pair, how far its arrows are from the middle, and how long they are at least with names
const TOP = 46, OUTPUT = 24; // of the output layer, and of a line of text above it

/**
 * @param {Network} network
 * @param {number} width
 * @param {number} left room for the names of the rows
 */
export function unrolledLayout({ columns, layers, directions, isRecurrent, hasCell = false }, width, left) {
  const both = directions === 2, lines = Math.max(...columns.map(({ outputs }) => outputs.length));
  const pitch = Math.min(150, (width - left - 24) / columns.length), half = Math.min(30, pitch * (both ? 0.2 : 0.3));
  const shift = both ? half * 0.85 : 0, first = left + pitch / 2 + 12;
  const linear = lines * OUTPUT + 28, layerHeight = directions * ROW + JOIN;
  const bottom = linear + TOP + layers * layerHeight, height = bottom + 40;
  const at = (/** @type {number} */ k) => first + k * pitch;
  const side = (/** @type {boolean} */ reverse) => (reverse ? shift : -shift);
  const under = (/** @type {number} */ layer) => bottom - layer * layerHeight; // where a layer's input comes from
  const row = (/** @type {number} */ layer, /** @type {boolean} */ reverse) => under(layer) - JOIN - ROW / 2 - (reverse ? ROW : 0) + 6;
  /** @type {Box[]} */
  const boxes = [];
  /** @type {Line[]} */
  const arrows = [];
  /** @type {{ text: string, layer: number, reverse: boolean, column: number, x: number, y: number }[]} names of a pair's arrows */
  const names = [];
  /** @type {["cell" | "state", number][]} */
  const rails = hasCell ? [["cell", -RAIL], ["state", RAIL]] : [["state", 0]];
  for (let layer = 0; layer < layers; layer++) for (const reverse of both ? [false, true] : [false]) {
    const y = row(layer, reverse), from = under(layer), to = under(layer + 1);
    columns.forEach((column, k) => {
      const x = at(k) + side(reverse), own = { layer, reverse, column: k };
      if (!column.isGap) {
        boxes.push({ ...own, x, y, half });
        const start = both ? `M${at(k)} ${from}V${from - 8}H${x}` : `M${x} ${from}`;
        arrows.push({ ...own, kind: "in", d: `${start}V${y + BOX + 9}` });
        arrows.push({ ...own, kind: "out", d: both ? `M${x} ${y - BOX}V${to + 10}H${at(k)}V${to}` : `M${x} ${y - BOX}V${to}`, bare: true });
      }
      if (!isRecurrent) return;
      const near = x - (reverse ? -1 : 1) * (column.isGap ? 14 : half), far = x + (reverse ? 1 : -1) * (pitch - half); // from the box before
      const isFirst = reverse ? k === columns.length - 1 : k === 0, before = columns[reverse ? k + 1 : k - 1];
      const begin = isFirst ? x + (reverse ? 1 : -1) * (half + 22) : before.isGap ? x + (reverse ? 1 : -1) * (pitch - 14) : far;
      for (const [kind, rail] of rails) arrows.push({ ...own, kind, d: `M${begin} ${y + rail}H${near + (reverse ? 9 : -9)}` });
      const isSecond = k === (reverse ? columns.length - 2 : 1);
      if (!hasCell || !isSecond || Math.abs(near - begin) < NAMED) return;
      for (const [kind, rail] of rails) names.push({ ...own, text: kind === "cell" ? "c" : "h", x: (begin + near) / 2, y: y + rail + (rail < 0 ? -5 : 15) });
    });
  }
  columns.forEach((column, k) => {
    if (!column.isGap) arrows.push({ kind: "top", layer: layers, reverse: false, column: k, d: `M${at(k)} ${under(layers)}V${linear + BOX + 9}` });
  });
  return { height, pitch, half, boxes, arrows, names, at, row, linear, bottom, line: (/** @type {number} */ i) => 18 + i * OUTPUT };
}

/**
 * Count the steps in which a network is computed: with two directions each layer needs all of the one below.
 * @param {Network} network
 */
export const stepsOf = ({ columns, layers, directions }) => columns.length * (directions === 2 ? Math.max(1, layers) : 1);

/**
 * Tell whether something is not computed yet. Both directions read a word at each step, one from either end; an answer
 * needs both.
 * @param {Network} network
 * @param {number} reached the steps that are done, counted from 0
 * @param {{ layer: number, column: number, what: "forward" | "backward" | "answer" }} part the layer of an answer is the last
 */
export function isLate({ columns, directions }, reached, { layer, column, what }) {
  if (directions === 1) return column > reached;
  const back = columns.length - 1 - column, steps = { forward: column, backward: back, answer: Math.max(column, back) };
  return layer * columns.length + steps[what] > reached;
}
