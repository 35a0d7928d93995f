// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { commonBeginning, songLines, songsAt } from "./song_text.js";

/** @param {import("./song_text.js").Stretch[][]} lines */
const written = (lines) => lines.map((line) => line.map(({ text, run, differs }) => `${text}${run < 0 ? "" : run}${differs ? "!" : ""}`));

test("a song is divided where a copied run begins or ends, and at line ends", () => {
  assert.deepEqual(written(songLines("abcdef\nghij\n", [[2, 9]])), [["ab", "cdef0"], ["gh0", "ij"]]);
});

test("the longer of two runs that overlap has their common characters", () => {
  assert.deepEqual(written(songLines("abcdefgh", [[0, 5], [3, 8]])), [["abcde0", "fgh1"]]);
  assert.deepEqual(written(songLines("abcdefghi", [[0, 5], [3, 9]])), [["abc0", "defghi1"]]);
});

test("an empty line stays", () => {
  assert.deepEqual(written(songLines("a\n\nb", [])), [["a"], [], ["b"]]);
});

test("places are those of characters, not of UTF-16's units", () => {
  assert.deepEqual(written(songLines("😀😀ab", [[1, 3]])), [["😀", "😀a0", "b"]]);
});

test("songs are compared place by place", () => {
  assert.equal(commonBeginning("the cat", "the dog"), 4);
  assert.equal(commonBeginning("the", "the dog"), 3);
  assert.equal(commonBeginning("", "a"), 0);
  assert.deepEqual(written(songLines("the cat", [], "the dot")), [["the ", "ca!", "t"]]);
  assert.deepEqual(written(songLines("the cats", [], "the cat")), [["the cat", "s!"]]);
});

test("an epoch without songs has the last ones before it", () => {
  const rows = new Map([0, 5, 10].map((epoch) => [epoch, { epoch }]));
  assert.equal(songsAt(rows, 10).epoch, 10);
  assert.equal(songsAt(rows, 9).epoch, 5);
  assert.equal(songsAt(rows, 0).epoch, 0);
  assert.equal(songsAt(new Map([[5, { epoch: 5 }]]), 4), null);
});
