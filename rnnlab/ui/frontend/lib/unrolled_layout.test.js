import assert from "node:assert/strict";
import test from "node:test";

import { isLate, stepsOf, unrolledLayout } from "./unrolled_layout.js";

const columns = (n, gap = -1) => Array.from({ length: n }, (_, k) => ({ input: `x_${k}`, outputs: ["y"], isGap: k === gap }));
const of = (arrows, kind, reverse) => arrows.filter((arrow) => arrow.kind === kind && arrow.reverse === reverse);
const ends = ({ d }) => d.match(/^M([\d.-]+) [\d.-]+H([\d.-]+)$/).slice(1).map(Number);

test("there is a box for each step, layer and direction, within the picture, and none overlaps another", () => {
  const { boxes, height } = unrolledLayout({ columns: columns(4), layers: 3, directions: 2, isRecurrent: true }, 340, 0);
  assert.equal(boxes.length, 4 * 3 * 2);
  for (const a of boxes) {
    assert.ok(a.x - a.half > 0 && a.x + a.half < 340 && a.y > 17 && a.y < height - 17);
    for (const b of boxes) if (a !== b) assert.ok(Math.abs(a.y - b.y) > 34 || Math.abs(a.x - b.x) > a.half + b.half);
  }
});

test("the state goes forward in one direction and backward in the other, and nowhere without recurrence", () => {
  const network = { columns: columns(3), layers: 2, directions: 2, isRecurrent: true };
  const { arrows } = unrolledLayout(network, 700, 100);
  assert.equal(of(arrows, "state", false).length, 6);
  for (const arrow of of(arrows, "state", false)) assert.ok(ends(arrow)[0] < ends(arrow)[1], arrow.d);
  for (const arrow of of(arrows, "state", true)) assert.ok(ends(arrow)[0] > ends(arrow)[1], arrow.d);
  assert.equal(of(unrolledLayout({ ...network, isRecurrent: false }, 700, 100).arrows, "state", false).length, 0);
});

test("steps that are left out have no box", () => {
  const { boxes, arrows } = unrolledLayout({ columns: columns(4, 2), layers: 1, directions: 1, isRecurrent: true }, 700, 0);
  assert.deepEqual(boxes.map(({ column }) => column), [0, 1, 3]);
  assert.equal(of(arrows, "top", false).length, 3);
});

test("two directions read from either end, and an answer waits for both", () => {
  const network = { columns: columns(5), layers: 1, directions: 2, isRecurrent: true };
  const late = (what, reached, layer = 0) => columns(5).map((_, column) => Number(isLate(network, reached, { layer, column, what }))).join("");
  assert.deepEqual([late("forward", 1), late("backward", 1), late("answer", 1)], ["00111", "11100", "11111"]);
  assert.deepEqual([late("answer", 2), late("answer", 3), late("answer", 4)], ["11011", "10001", "00000"]);
  assert.deepEqual([late("forward", 4, 1), late("forward", 5, 1)], ["11111", "01111"], "the second layer begins after the first");
  assert.deepEqual([stepsOf(network), stepsOf({ ...network, layers: 2 }), stepsOf({ ...network, layers: 2, directions: 1 })], [5, 10, 5]);
  assert.equal(isLate({ ...network, directions: 1 }, 1, { layer: 3, column: 1, what: "answer" }), false);
});

test("of a pair the cell has an arrow of its own from step to step, above that of h, and none that goes up", () => {
  const network = { columns: columns(4), layers: 2, directions: 2, isRecurrent: true, hasCell: true };
  const { arrows, names, boxes } = unrolledLayout(network, 700, 100), without = unrolledLayout({ ...network, hasCell: false }, 700, 100);
  for (const reverse of [false, true]) assert.equal(of(arrows, "cell", reverse).length, of(arrows, "state", reverse).length);
  const height = ({ d }) => Number(d.match(/^M[\d.-]+ ([\d.-]+)H/)[1]);
  of(arrows, "cell", false).forEach((cell, k) => {
    const state = of(arrows, "state", false)[k], box = boxes.find(({ layer, column, reverse }) => layer === cell.layer && column === cell.column && !reverse);
    assert.ok(height(cell) < box.y && box.y < height(state) && height(state) - height(cell) < 34, "both end at the box");
    assert.deepEqual(ends(cell), ends(state));
  });
  assert.deepEqual(arrows.filter(({ kind }) => kind === "out"), without.arrows.filter(({ kind }) => kind === "out"));
  assert.equal(names.map(({ text }) => text).join(""), "chchchch", "named once in each row");
  assert.equal(without.names.length, 0);
});
