import assert from "node:assert/strict";
import test from "node:test";

import { LongRequest, longAnswerOf } from "./long_answer.js";

const settled = () => new Promise((next) => setTimeout(next, 5));

/** A server that sends `pieces` of lines, and notes what it is asked for and whether the page went away. */
function server(context, pieces, status = 200) {
  const asked = [];
  context.mock.method(globalThis, "fetch", async (address, { signal } = {}) => {
    asked.push({ address, signal });
    if (!pieces) return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    return new Response(new Blob(pieces).stream(), { status });
  });
  return asked;
}

test("shares come before the value, however the lines are cut", async (context) => {
  server(context, ['{"share": 0.2', '5}\n{"share": 0.5}\n{"val', 'ue": {"epoch": 7}}\n']);
  const shares = [];
  assert.deepEqual(await longAnswerOf("lab/x", (share) => shares.push(share)), { status: 200, body: { epoch: 7 } });
  assert.deepEqual(shares, [0.25, 0.5]);
});

test("a refusal, a thing that there is not, a newer request and a cut connection are told apart", async (context) => {
  for (const [text, status] of [['{"message": "no"}\n', 400], ['{"state": "gone"}\n', 404], ['{"state": "superseded"}\n', 409], ['{"share": 0}\n', 0]]) {
    server(context, [text]);
    assert.equal((await longAnswerOf("lab/x", () => {})).status, status);
  }
  server(context, ['{"state": "gone"}'], 404);
  assert.equal((await longAnswerOf("lab/x", () => {})).status, 404);
});

test("only the last of many wishes is asked for", async (context) => {
  const asked = server(context, ['{"value": 1}\n']), request = new LongRequest(1), answers = [];
  for (let epoch = 1; epoch <= 5; epoch++) request.start(`lab/${epoch}`, () => {}, ({ body }) => answers.push(body));
  while (!answers.length) await settled();
  assert.deepEqual([asked.map(({ address }) => address), answers], [["lab/5"], [1]]);
});

test("a newer wish ends the request that is under way, and its answer is dropped", async (context) => {
  const asked = server(context, null), request = new LongRequest(0), answers = [];
  request.start("lab/1", () => {}, (answer) => answers.push(answer));
  while (!asked.length) await settled();
  request.cancel();
  await settled();
  assert.equal(asked[0].signal.aborted, true);
  assert.deepEqual(answers, []);
});

test("a server that has failed says so, with no body", async (context) => {
  server(context, ["Internal Server Error"], 500);
  assert.deepEqual(await longAnswerOf("lab/x", () => {}), { status: 500, body: null });
});
