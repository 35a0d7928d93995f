import assert from "node:assert/strict";
import test from "node:test";

import { ExactSongs } from "./exact_songs.js";

/** Songs of a server that answers with `line`, and the addresses that it was asked for. */
function songsOf(context, line, reference = "runs/a") {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = [], rows = [];
  context.mock.method(globalThis, "fetch", async (address) => {
    asked.push(address);
    return new Response(new Blob([`${line}\n`]).stream());
  });
  const songs = new ExactSongs(reference, (row) => rows.push(row));
  const stay = async () => {
    context.mock.timers.tick(400);
    for (let i = 0; i < 20; i++) await new Promise((next) => setImmediate(next));
  };
  return { asked, rows, songs, stay };
}

test("an epoch is asked for once the handle stays there, and not while it moves", async (context) => {
  const { asked, rows, songs, stay } = songsOf(context, '{"value": {"epoch": 7}}');
  for (const epoch of [3, 5, 7]) songs.want([epoch]);
  assert.deepEqual(asked, []);
  await stay();
  assert.deepEqual([asked, rows], [["lab/runs/a/songs/exact?epoch=7"], [{ epoch: 7 }]]);
});

test("drawing the same epoch again does not begin anew", async (context) => {
  const { asked, songs, stay } = songsOf(context, '{"value": {"epoch": 7}}');
  songs.want([7]);
  context.mock.timers.tick(300);
  songs.want([7]);
  context.mock.timers.tick(100);
  await stay();
  assert.equal(asked.length, 1);
});

test("an epoch that takes too long is not asked for again, and a recorded curve never", async (context) => {
  const { asked, songs, stay } = songsOf(context, '{"state": "gone"}');
  songs.want([7]);
  await stay();
  songs.want([7, 9]);
  await stay();
  assert.deepEqual(asked.map((address) => address.slice(-1)), ["7", "9"]);
  const recorded = new ExactSongs("curves/rnn-scratch", () => {});
  recorded.want([3]);
  await stay();
  assert.equal(asked.length, 2);
});

test("an epoch that another page has ended is asked for again when the handle comes back, not before", async (context) => {
  const { asked, songs, stay } = songsOf(context, '{"state": "superseded"}');
  for (const epochs of [[7], [7], [], [7]]) {
    songs.want(epochs);
    await stay();
  }
  assert.equal(asked.length, 2);
});
