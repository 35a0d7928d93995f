// @ts-check
// The data flow inside a recurrent cell as a description: where its boxes and arrows stand, and which quantities each
// arrow carries into which equation. `cell_diagram.js` draws it. Names are those of `inspection/cell_lines.py`;
// `tests/frontend/test_cell_layouts.py` holds the two equal. Lengths are in units of the drawing.

/** @typedef {[number, number, ("start" | "middle" | "end")?]} At x, y of the baseline, and the anchor */

/**
 * @typedef {object} Arrow
 * @property {string} id
 * @property {string} d the path
 * @property {string[]} letters the equations that it belongs to: of the quantity that it carries, and those it enters
 * @property {string[]} carries as the formulas write it
 * @property {string} [value] the key of its number (`cell_numbers.js`); without one it carries a whole vector
 * @property {At} [at] where the number stands
 * @property {string} [symbol] what is written beside the arrow
 * @property {At} [symbolAt] where; without it the symbol stands before the number
 * @property {boolean} [bare] whether it ends in another line, without a head
 */

/** @typedef {{ kind: "gate" | "weight" | "times" | "plus" | "minus" | "tanh" | "join", x: number, y: number, letter?: string, text?: string, letters: string[] }} CellNode */

/** @typedef {{ width: number, height: number, nodes: CellNode[], arrows: Arrow[] }} Layout */

const STATE = 50, PRODUCT = 120, GATE = 200, H_LINE = 262, X_LINE = 306; // the rows
const WIDTH = 480, RIGHT = 478, HEIGHT = 320;

/** @param {number} x @param {string} letter @param {string} text @returns {CellNode} */
const gate = (x, letter, text) => ({ kind: "gate", x, y: GATE, letter, text, letters: [letter] });
/** @param {CellNode["kind"]} kind @param {number} x @param {number} y @param {string[]} letters @param {string} [text] @returns {CellNode} */
const node = (kind, x, y, letters, text) => ({ kind, x, y, letters, ...(text ? { text } : {}) });
/** @param {number} x @param {number} y @param {string} letter */
const join = (x, y, letter) => node("join", x, y, [letter]);

/** @param {number} x @param {string} letter @returns {Arrow} from the lines of x_t and h_{t-1} up into a gate */
const into = (x, letter) => ({
  id: `sum ${letter}`, d: `M${x} ${X_LINE}V${GATE + 27}`, letters: [letter], carries: ["x_t", "h_{t-1}"],
  value: `sum ${letter}`, at: [x + 8, GATE + 40, "start"],
});
/** @param {number} end @param {string[]} letters @returns {Arrow} */
const inputLine = (end, letters) => ({
  id: "x_t", d: `M2 ${X_LINE}H${end}`, letters, carries: ["x_t"], symbol: "x_t", symbolAt: [4, X_LINE - 10, "start"], bare: true,
});

/** @returns {Layout} */
function lstm() {
  const [f, i, g, o, shown] = [75, 165, 255, 345, 415], gates = ["f", "i", "g", "o"];
  const place = { f, i, g, o };
  const names = /** @type {("f" | "i" | "g" | "o")[]} */ (gates);
  return {
    width: WIDTH, height: HEIGHT,
    nodes: [
      ...names.map((letter) => gate(place[letter], letter, letter === "g" ? "tanh" : "σ")),
      ...names.flatMap((letter) => [join(place[letter], X_LINE, letter), join(place[letter], H_LINE, letter)]),
      node("times", f, STATE, ["c"]), node("plus", g, STATE, ["c"]), node("times", g, PRODUCT, ["c"]),
      node("join", shown, STATE, ["h"]), node("tanh", shown, 98, ["h"], "tanh"), node("times", shown, GATE, ["h"]),
    ],
    arrows: [
      inputLine(o, gates),
      { id: "h_{t-1}", d: `M2 ${H_LINE}H${o}`, letters: gates, carries: ["h_{t-1}"], symbol: "h_{t-1}", symbolAt: [4, H_LINE - 10, "start"], bare: true },
      ...names.map((letter) => into(place[letter], letter)),
      { id: "c_{t-1}", d: `M2 ${STATE}H${f - 20}`, letters: ["c"], carries: ["c_{t-1}"], value: "c_{t-1}", symbol: "c_{t-1}", at: [4, STATE - 20, "start"] },
      { id: "f_t", d: `M${f} ${GATE - 18}V${STATE + 20}`, letters: ["f", "c"], carries: ["f_t"], value: "f_t", at: [f + 8, 128, "start"], symbol: "f_t", symbolAt: [f - 8, 128, "end"] },
      { id: "i_t", d: `M${i} ${GATE - 18}V${PRODUCT}H${g - 20}`, letters: ["i", "c"], carries: ["i_t"], value: "i_t", at: [i + 8, 156, "start"], symbol: "i_t", symbolAt: [i - 8, 156, "end"] },
      { id: "g_t", d: `M${g} ${GATE - 18}V${PRODUCT + 20}`, letters: ["g", "c"], carries: ["g_t"], value: "g_t", at: [g + 8, 158, "start"], symbol: "g_t", symbolAt: [g - 8, 158, "end"] },
      { id: "f ⊙ c", d: `M${f + 11} ${STATE}H${g - 20}`, letters: ["c"], carries: ["f_t ⊙ c_{t-1}"], value: "f_t ⊙ c_{t-1}", at: [i, STATE - 10, "middle"] },
      { id: "i ⊙ g", d: `M${g} ${PRODUCT - 11}V${STATE + 20}`, letters: ["c"], carries: ["i_t ⊙ g_t"], value: "i_t ⊙ g_t", at: [g + 8, 92, "start"] },
      { id: "c_t", d: `M${g + 11} ${STATE}H${RIGHT - 9}`, letters: ["c"], carries: ["c_t"], value: "c_t", symbol: "c_t", at: [RIGHT, STATE - 20, "end"] },
      { id: "c_t to h_t", d: `M${shown} ${STATE}V76`, letters: ["c", "h"], carries: ["c_t"], value: "c_t" },
      { id: "tanh c", d: `M${shown} 112V${GATE - 20}`, letters: ["h"], carries: ["tanh(c_t)"], value: "tanh(c_t)", at: [shown - 8, 140, "end"] },
      { id: "o_t", d: `M${o + 24} ${GATE}H${shown - 20}`, letters: ["o", "h"], carries: ["o_t"], value: "o_t", at: [o, GATE - 25, "middle"], symbol: "o_t", symbolAt: [o + 34, GATE + 22, "middle"] },
      { id: "h_t", d: `M${shown + 11} ${GATE}H${RIGHT - 9}`, letters: ["h"], carries: ["h_t"], value: "h_t", at: [RIGHT, GATE + 28, "end"], symbol: "h_t", symbolAt: [RIGHT, GATE - 14, "end"] },
    ],
  };
}

/** @param {boolean} resetAfter @returns {Layout} */
function gru(resetAfter) {
  const [z, r, first, second, n] = [75, 165, 225, 300, 375];
  const [weight, times] = resetAfter ? [first, second] : [second, first];
  /** @type {Arrow[]} the way of h_{t-1} into the candidate: the reset before or after the product */
  const memory = resetAfter ? [
    { id: "W h + b", d: `M${weight + 22} ${H_LINE}H${times - 20}`, letters: ["n"], carries: ["W_hn h_{t-1} + b_hn"], value: "W_hn h_{t-1} + b_hn", at: [268, H_LINE + 34, "middle"] },
    { id: "r ⊙ (W h + b)", d: `M${times + 11} ${H_LINE}H${n}`, letters: ["n"], carries: ["r_t ⊙ (W_hn h_{t-1} + b_hn)"], value: "r_t ⊙ (W_hn h_{t-1} + b_hn)", at: [342, H_LINE + 34, "middle"], bare: true },
  ] : [
    { id: "r ⊙ h", d: `M${times + 11} ${H_LINE}H${weight - 31}`, letters: ["n"], carries: ["r_t ⊙ h_{t-1}"], value: "r_t ⊙ h_{t-1}", at: [257, H_LINE + 34, "middle"] },
    { id: "W (r ⊙ h)", d: `M${weight + 22} ${H_LINE}H${n}`, letters: ["n"], carries: ["W_hn (r_t ⊙ h_{t-1})"], value: "W_hn (r_t ⊙ h_{t-1})", at: [344, H_LINE + 34, "middle"], bare: true },
  ];
  return {
    width: WIDTH, height: HEIGHT,
    nodes: [
      gate(z, "z", "σ"), gate(r, "r", "σ"), gate(n, "n", "tanh"),
      ...[[z, "z"], [r, "r"], [n, "n"]].flatMap(([x, letter]) => [join(Number(x), X_LINE, String(letter)), join(Number(x), H_LINE, String(letter))]),
      node("weight", weight, H_LINE, ["n"], "W_hn"), node("times", times, H_LINE, ["n"]),
      node("join", 24, STATE, ["r", "z", "n"]), node("join", z, PRODUCT, ["h"]),
      node("times", z, STATE, ["h"]), node("minus", r, PRODUCT, ["h"], "1−"), node("times", n, PRODUCT, ["h"]), node("plus", n, STATE, ["h"]),
    ],
    arrows: [
      inputLine(n, ["z", "r", "n"]),
      { id: "h_{t-1} to gates", d: `M24 ${STATE}V${H_LINE}H${resetAfter ? first - 31 : first - 20}`, letters: ["z", "r", "n"], carries: ["h_{t-1}"] },
      ...(/** @type {[number, string][]} */ ([[z, "z"], [r, "r"]])).map(([x, letter]) => into(x, letter)),
      { ...into(n, "n"), carries: ["x_t"] },
      { id: "r_t", d: `M${r + 24} ${GATE}H${times}V${H_LINE - 20}`, letters: ["r", "n"], carries: ["r_t"], value: "r_t", at: [194, GATE - 9, "start"], symbol: "r_t", symbolAt: [208, GATE + 19, "middle"] },
      ...memory,
      { id: "h_{t-1}", d: `M2 ${STATE}H${z - 20}`, letters: ["h"], carries: ["h_{t-1}"], value: "h_{t-1}", symbol: "h_{t-1}", at: [4, STATE - 20, "start"] },
      { id: "z_t", d: `M${z} ${GATE - 18}V${STATE + 20}`, letters: ["z", "h"], carries: ["z_t"], value: "z_t", at: [z + 8, 160, "start"], symbol: "z_t", symbolAt: [z - 8, 160, "end"] },
      { id: "z to 1 - z", d: `M${z} ${PRODUCT}H${r - 24}`, letters: ["z", "h"], carries: ["z_t"], value: "z_t" },
      { id: "1 - z_t", d: `M${r + 15} ${PRODUCT}H${n - 20}`, letters: ["h"], carries: ["1 - z_t"], value: "1 - z_t", at: [270, PRODUCT - 10, "middle"] },
      { id: "n_t", d: `M${n} ${GATE - 18}V${PRODUCT + 20}`, letters: ["n", "h"], carries: ["n_t"], value: "n_t", at: [n + 8, 168, "start"], symbol: "n_t", symbolAt: [n - 8, 168, "end"] },
      { id: "z ⊙ h", d: `M${z + 11} ${STATE}H${n - 20}`, letters: ["h"], carries: ["z_t ⊙ h_{t-1}"], value: "z_t ⊙ h_{t-1}", at: [225, STATE - 10, "middle"] },
      { id: "(1 - z) ⊙ n", d: `M${n} ${PRODUCT - 11}V${STATE + 20}`, letters: ["h"], carries: ["(1 - z_t) ⊙ n_t"], value: "1 - z_t ⊙ n_t", at: [n + 8, 92, "start"] },
      { id: "h_t", d: `M${n + 11} ${STATE}H${RIGHT - 9}`, letters: ["h"], carries: ["h_t"], value: "h_t", symbol: "h_t", at: [RIGHT, STATE - 20, "end"] },
    ],
  };
}

/** @param {string} activation @returns {Layout} */
function rnn(activation) {
  const [weight, plus, tanh, row] = [105, 220, 330, 112], letters = ["h"];
  return {
    width: WIDTH, height: 252,
    nodes: [
      node("weight", weight, row, letters, "W_hh"), node("weight", plus, 184, letters, "W_ih"), node("plus", plus, row, letters),
      { kind: "gate", x: tanh, y: row, letter: "h", text: activation, letters },
    ],
    arrows: [
      { id: "h_{t-1}", d: `M2 ${row}H${weight - 31}`, letters, carries: ["h_{t-1}"], symbol: "h_{t-1}", symbolAt: [4, row - 14, "start"] },
      { id: "x_t", d: `M${plus} 248V208`, letters, carries: ["x_t"], symbol: "x_t", symbolAt: [plus - 12, 238, "end"] },
      { id: "W h", d: `M${weight + 22} ${row}H${plus - 20}`, letters, carries: ["W_hh h_{t-1}"], value: "W_hh h_{t-1}", at: [165, row - 12, "middle"] },
      { id: "W x", d: `M${plus} 168V${row + 20}`, letters, carries: ["W_ih x_t"], value: "W_ih x_t", at: [plus + 9, 154, "start"] },
      { id: "b", d: `M${plus} 26V${row - 20}`, letters, carries: ["b_ih", "b_hh"], value: "b_ih + b_hh", at: [plus + 9, 68, "start"], symbol: "b_ih + b_hh", symbolAt: [plus + 9, 40, "start"] },
      { id: "sum h", d: `M${plus + 11} ${row}H${tanh - 35}`, letters, carries: ["W_ih x_t + b_ih + W_hh h_{t-1} + b_hh"], value: "sum h", at: [263, row - 12, "middle"] },
      { id: "h_t", d: `M${tanh + 26} ${row}H${RIGHT - 9}`, letters, carries: ["h_t"], value: "h_t", symbol: "h_t", at: [RIGHT, row - 14, "end"] },
    ],
  };
}

/**
 * Find the layout of a cell by its equations; null of a cell that has none.
 * @param {readonly { letter: string, formula: string, activation: string }[]} lines
 * @returns {Layout | null}
 */
export function layoutOf(lines) {
  const letters = lines.map(({ letter }) => letter).join("");
  if (letters === "ifgoch") return lstm();
  if (letters === "rznh") return gru(lines[2].formula.includes("⊙ (W_hn"));
  return letters === "h" && lines[0].formula ? rnn(lines[0].activation) : null;
}
