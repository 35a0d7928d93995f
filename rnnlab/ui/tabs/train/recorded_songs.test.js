import assert from "node:assert/strict";
import test from "node:test";

import { RecordedSongs } from "./recorded_songs.js";

/** A server that answers when `answer` is called: with a row's epoch, null for 404, or an Error. */
function server(context) {
  const asked = [], answers = [];
  context.mock.method(globalThis, "fetch", (address) => new Promise((resolve, reject) => {
    asked.push(address);
    answers.push({ resolve, reject });
  }));
  const answer = async (epoch) => {
    const { resolve, reject } = answers.shift();
    if (epoch instanceof Error) reject(epoch);
    else resolve({ ok: epoch !== null, json: async () => ({ epoch }) });
    await new Promise((next) => setImmediate(next));
  };
  return { asked: () => asked.splice(0).map((address) => Number(address.match(/^lab\/runs\/a\/recorded\?epoch=(\d+)$/)[1])), answer };
}

test("while it plays, one request is under way, and the newest wish follows it", async (context) => {
  const { asked, answer } = server(context), rows = [];
  const songs = new RecordedSongs("runs/a", (row) => rows.push(row.epoch));
  for (let epoch = 1; epoch <= 20; epoch++) songs.want([epoch]);
  assert.deepEqual(asked(), [1]);
  await answer(1);
  assert.deepEqual(asked(), [20]);
  await answer(20);
  assert.deepEqual([asked(), rows], [[], [1, 20]]);
});

test("both handles get their songs", async (context) => {
  const { asked, answer } = server(context);
  const songs = new RecordedSongs("runs/a", () => {});
  songs.want([30, 15]);
  await answer(30);
  await answer(15);
  assert.deepEqual(asked(), [30, 15]);
});

test("a row holds up to the epoch that was asked for", async (context) => {
  const { asked, answer } = server(context);
  const songs = new RecordedSongs("runs/a", () => {});
  songs.want([37]);
  await answer(30);
  assert.deepEqual(asked(), [37]);
  for (const epoch of [30, 33, 37]) songs.want([epoch]);
  assert.deepEqual(asked(), []);
  songs.want([38]);
  await answer(30);
  songs.want([38]);
  songs.want([29]);
  assert.deepEqual(asked(), [38, 29]);
});

test("what failed is asked for again, after a pause", async (context) => {
  let now = 0;
  context.mock.method(performance, "now", () => now);
  const { asked, answer } = server(context), rows = [];
  const songs = new RecordedSongs("runs/a", (row) => rows.push(row.epoch));
  for (const failure of [null, new Error("no server")]) {
    songs.want([5]);
    await answer(failure);
    assert.deepEqual(asked(), [5]);
    songs.want([5]);
    assert.deepEqual(asked(), []);
    now += 2000;
  }
  songs.want([5]);
  await answer(5);
  assert.deepEqual([asked(), rows], [[5], [5]]);
});

test("an answer for the run before is dropped, and a recorded curve is not asked", async (context) => {
  const { asked, answer } = server(context), rows = [];
  const before = new RecordedSongs("runs/a", (row) => rows.push(row.epoch));
  before.want([5, 6]);
  before.close();
  await answer(5);
  new RecordedSongs("curves/lyrics-zh", () => {}).want([3]);
  assert.deepEqual([asked(), rows], [[5], []]);
});
