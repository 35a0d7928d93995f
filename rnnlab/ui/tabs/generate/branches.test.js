import assert from "node:assert/strict";
import test from "node:test";

import { branchPlaces, choicesOf, endingOf, grown, MAX_ENDINGS, neighbour, newTree, partingPlace, picked, redone, shown, undone, withFirst, without, writtenWith } from "./branches.js";

const choices = (text) => [...text].map((token) => [token, 0.5, [], token]);
const text = (tree, id) => choicesOf(tree, id).map(([, , , token]) => token).join("");

/** Pick a token and write the rest of the ending. */
const write = (tree, place, tail) => {
  const { tree: next, isNew } = picked(tree, place, tail[0]);
  return isNew ? grown(next, next.current, choices(tail), null, true) : next;
};

test("a pick makes an ending with the tokens before it, and the old one stays", () => {
  const first = newTree(choices("abcdef"), null, true), tree = write(first, 2, "XYZW");
  assert.equal(text(tree), "abXYZW");
  assert.equal(text(tree, 0), "abcdef");
  assert.equal(text(first), "abcdef", "nothing is changed in place");
  const again = write(tree, 4, "123");
  assert.equal(text(again), "abXY123".slice(0, 7));
  assert.equal(endingOf(again).parent, tree.current);
});

test("a pick before an earlier one begins at the ending that wrote what stands before it", () => {
  const tree = write(write(newTree(choices("abcdef"), null, true), 4, "XY"), 1, "QRSTU");
  assert.equal(text(tree), "aQRSTU");
  assert.equal(endingOf(tree).parent, 0, "the tokens before the place are those of the first one");
  assert.equal(writtenWith(shown(tree, 1), 3), 0);
  assert.equal(writtenWith(shown(tree, 1), 4), 0, "what may stand there depends on what is before it");
  assert.equal(writtenWith(shown(tree, 1), 5), 1);
});

test("what stands there already is no new ending", () => {
  const tree = write(newTree(choices("abcdef"), null, true), 2, "XYZW");
  assert.equal(picked(tree, 2, "X").tree, tree);
  const back = picked(tree, 2, "c");
  assert.deepEqual([back.isNew, back.tree.current, back.tree.endings.length], [false, 0, 2]);
  assert.equal(picked(back.tree, 2, "X").tree.current, 1);
  assert.equal(picked(back.tree, 3, "Y").isNew, true, "the same token after others is another ending");
});

test("undo and redo walk through what was shown, and a pick after an undo ends the redo", () => {
  let tree = write(write(newTree(choices("abc"), null, true), 0, "XYZ"), 1, "QR");
  assert.equal(text(tree), "XQR");
  tree = undone(tree);
  assert.equal(text(tree), "XYZ");
  tree = undone(tree);
  assert.equal(text(tree), "abc");
  assert.equal(undone(tree), tree);
  assert.equal(text(redone(redone(tree))), "XQR");
  const other = write(redone(tree), 2, "W");
  assert.equal(text(other), "XYW");
  assert.equal(redone(other), other);
  assert.equal(text(undone(other)), "XYZ");
});

test("the list of endings goes around, and the places where they part are marked", () => {
  const tree = write(write(newTree(choices("abcdef"), null, true), 2, "XYZW"), 4, "VW");
  assert.equal(neighbour(tree, 1), 0);
  assert.equal(neighbour(tree, -1), 1);
  assert.deepEqual([...branchPlaces(tree)].sort(), [2, 4]);
  assert.deepEqual([...branchPlaces(shown(tree, 0))], [2]);
  assert.equal(partingPlace(tree, 1, 2), 4);
  assert.deepEqual([...branchPlaces(newTree(choices("abc"), null, true))], []);
});

test("the oldest ending from which no other begins is forgotten, never the first or the shown one", () => {
  let tree = newTree(choices("abcdef"), null, true);
  tree = write(tree, 0, "0vwxyz");
  const kept = tree.current;
  tree = write(tree, 3, "!!!"); // begins from the one before it
  for (let i = 0; i < MAX_ENDINGS; i++) tree = write(shown(tree, 0), 1, `${String.fromCharCode(0x4e00 + i)}wxyz`);
  assert.equal(tree.endings.length, MAX_ENDINGS);
  assert.equal(tree.endings[0].id, 0);
  for (const id of [...tree.past, ...tree.future, tree.current]) assert.ok(endingOf(tree, id));
  assert.equal(endingOf(tree, 2), undefined);
  assert.equal(endingOf(tree, kept), undefined, "without a child it may go as well");
});

test("an ending that could not be written goes, and what was shown before is there again", () => {
  const tree = write(newTree(choices("abc"), null, true), 1, "XY"), lost = picked(tree, 0, "Q");
  assert.equal(lost.isNew, true);
  assert.equal(picked(lost.tree, 0, "Q").isNew, false, "it is on its way");
  const back = without(lost.tree, lost.tree.current);
  assert.deepEqual([text(back), back.endings.length, back.past], ["aXY", 2, [0]]);
  assert.deepEqual(without(lost.tree, 1).past, [0]);
});

test("the song as it was drawn may grow while another ending is shown", () => {
  const tree = withFirst(write(newTree(choices("abc"), null, true), 1, "XY"), choices("abcdef"), { runs: [[0, 3]] });
  assert.equal(text(tree), "aXY");
  assert.equal(text(tree, 0), "abcdef");
  assert.deepEqual(endingOf(tree, 0).copied, { runs: [[0, 3]] });
});
