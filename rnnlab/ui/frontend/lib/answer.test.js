import assert from "node:assert/strict";
import test from "node:test";

import { answerOf } from "./answer.js";

test("an answer is its status and its JSON, and a server that is away is status 0", async (context) => {
  const answers = [
    async () => new Response('{"state": "gone"}', { status: 404 }),
    async () => new Response("<html>", { status: 502 }), // of a proxy
    async () => { throw new TypeError("fetch failed"); },
  ];
  context.mock.method(globalThis, "fetch", () => answers.shift()());
  assert.deepEqual(await answerOf("lab/x"), { status: 404, body: { state: "gone" } });
  assert.deepEqual(await answerOf("lab/x"), { status: 0, body: null });
  assert.deepEqual(await answerOf("lab/x"), { status: 0, body: null });
});

test("a server that has failed is told from one that is away: it is not asked again", async (context) => {
  const answers = [["<h1>Internal Server Error</h1>", 500], ["<html>", 503], ["<html>", 200], ["", 404]];
  context.mock.method(globalThis, "fetch", async () => {
    const [text, status] = answers.shift();
    return new Response(text, { status });
  });
  for (const status of [500, 0, 0, 404]) assert.deepEqual(await answerOf("lab/x"), { status, body: null });
});
