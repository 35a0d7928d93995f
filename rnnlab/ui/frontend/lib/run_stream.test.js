import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";

import { PAUSES } from "./retries.js";
import { followRun, parseReference } from "./run_stream.js";

/** @type {FakeStream[]} */
let streams;
/** What the server answers by address: [status, payload], or an error. */
let answers;
let drawn;
class FakeStream {
  static CLOSED = 2;
  constructor(url) { Object.assign(this, { url, readyState: 1 }); streams.push(this); }
  close() { this.readyState = FakeStream.CLOSED; }
  send(news, id = "9") { this.onmessage({ data: JSON.stringify({ state: "running", ...news }), lastEventId: id }); }
}
const tab = { dataset: {} };
const element = { closest: () => tab };
const hooks = {
  picture: (payload, reference) => { drawn.push(`picture ${reference}`); },
  news: (news) => { drawn.push(`news ${news.rows}`); },
  lost: () => { drawn.push("lost"); },
  gone: () => { drawn.push("gone"); },
  trouble: (how) => { if (how) drawn.push(how); },
};
const settle = async () => { for (let i = 0; i < 40; i++) await Promise.resolve(); };
const running = { state: "running", live: true, cursor: 3 };
const follow = (more = {}) => followRun(element, { ...hooks, ...more }, "curves/x", async () => {});

beforeEach(() => {
  [streams, drawn, answers] = [[], [], {}];
  globalThis.rnnlab = { language: () => "en", theme: () => "light" };
  globalThis.EventSource = FakeStream;
  globalThis.document = Object.assign(new EventTarget(), { hidden: false });
  globalThis.fetch = async (address) => {
    const answer = answers[address.replace(/^lab\/(.*)\?lang=en$/, "$1")];
    if (!answer) throw new TypeError("no server");
    const [status, payload] = answer;
    return { ok: status === 200, status, text: async () => (payload === undefined ? "Internal Server Error" : JSON.stringify(payload)) };
  };
});

test("a reference is what stands before the question mark", () => {
  assert.deepEqual(parseReference("runs/1?back"), { reference: "runs/1", isReturn: true });
  assert.deepEqual(parseReference("runs/1?3f"), { reference: "runs/1", isReturn: false });
  assert.deepEqual(parseReference(null), { reference: "", isReturn: false });
});

test("a run is drawn whole, and followed from its cursor", async () => {
  answers["runs/1"] = [200, running];
  await follow()("runs/1?abc");
  assert.equal(streams[0].url, "lab/runs/1/events?cursor=3&lang=en");
  assert.equal(tab.dataset.run, "running");
  streams[0].send({ rows: ["a"] });
  streams[0].send({ rows: ["b"], state: "finished", last: true });
  await settle();
  assert.deepEqual(drawn, ["picture runs/1", "news a", "news b"]);
  assert.equal(tab.dataset.run, "finished");
  assert.equal(streams[0].readyState, FakeStream.CLOSED);
});

test("a run that has ended has no stream", async () => {
  answers["curves/x"] = [200, { state: "recorded", live: false }];
  await follow()("curves/x");
  assert.equal(streams.length, 0);
});

test("the run of before a reload does not replace one that was started meanwhile", async () => {
  answers["runs/1"] = answers["runs/2"] = [200, running];
  const attach = follow();
  await attach("runs/2");
  await attach("runs/1?back");
  assert.deepEqual(drawn, ["picture runs/2"]);
});

test("what has been overtaken is not drawn", async () => {
  answers["runs/1"] = answers["runs/2"] = [200, running];
  const attach = follow();
  await Promise.all([attach("runs/1"), attach("runs/2")]);
  assert.deepEqual(drawn, ["picture runs/2"]);
});

test("a run that no longer exists gives the default one", async () => {
  answers["runs/1"] = [404, { state: "gone" }];
  answers["curves/x"] = [200, { state: "recorded", live: false }];
  await follow()("runs/1");
  assert.deepEqual(drawn, ["picture curves/x", "gone"]);
});

test("a server that does not answer is asked again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  await follow()("runs/1");
  assert.deepEqual(drawn, ["lost"]);
  answers["runs/1"] = [200, running];
  mock.timers.tick(2000);
  await settle();
  mock.timers.reset();
  assert.deepEqual(drawn, ["lost", "picture runs/1"]);
});

test("stale news draw the run anew", async () => {
  answers["runs/1"] = [200, running];
  await follow({ stale: (news) => news.rows.includes("start") })("runs/1");
  streams[0].send({ rows: ["start"] });
  await settle();
  assert.deepEqual(drawn, ["picture runs/1", "picture runs/1"]);
});

test("a stream that the server refuses leads to a new request, one that only broke off is waited for", async () => {
  answers["runs/1"] = [200, running];
  await follow()("runs/1");
  streams[0].onerror();
  assert.deepEqual(drawn.at(-1), "lost");
  streams[0].close();
  streams[0].onerror();
  await new Promise((next) => setTimeout(next, 5));
  assert.equal(drawn.at(-1), "picture runs/1");
});

test("a server that fails each time is asked a few times, after pauses that grow, and then the page says so", async () => {
  let asked = 0;
  const { fetch } = globalThis;
  globalThis.fetch = (address) => (asked++, fetch(address));
  answers["runs/1"] = [500, undefined];
  mock.timers.enable({ apis: ["setTimeout"] });
  const attach = follow();
  await attach("runs/1");
  for (const pause of PAUSES) {
    const before = asked;
    mock.timers.tick(pause - 1);
    await settle();
    assert.equal(asked, before);
    mock.timers.tick(1);
    await settle();
    assert.equal(asked, before + 1);
  }
  mock.timers.tick(10 * PAUSES.at(-1));
  await settle();
  assert.equal(asked, 1 + PAUSES.length);
  assert.equal(drawn.at(-1), "serverFailed");
  answers["runs/1"] = [200, running];
  await attach("runs/1?anew");
  mock.timers.reset();
  assert.equal(drawn.at(-1), "picture runs/1");
});

test("a server that does not answer is asked for as long as it takes, and after a while the page says so", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  await follow()("runs/1");
  for (let i = 0; i < 20; i++) {
    mock.timers.tick(PAUSES.at(-1));
    await settle();
  }
  assert.equal(drawn.filter((each) => each === "lost").length, 21);
  assert.equal(drawn.filter((each) => each === "serverFailed").length, 0);
  assert.ok(drawn.includes("serverAway"));
  answers["runs/1"] = [200, running];
  mock.timers.tick(PAUSES.at(-1));
  await settle();
  mock.timers.reset();
  assert.equal(drawn.at(-1), "picture runs/1");
});

test("a stream that is refused each time does not load the run for ever", async () => {
  answers["runs/1"] = [200, running];
  mock.timers.enable({ apis: ["setTimeout"] });
  await follow()("runs/1");
  for (let i = 0; i < 20; i++) {
    streams.at(-1).close();
    streams.at(-1).onerror();
    mock.timers.tick(PAUSES.at(-1));
    await settle();
  }
  mock.timers.reset();
  assert.equal(drawn.filter((each) => each === "picture runs/1").length, 2 + PAUSES.length);
  assert.ok(drawn.includes("serverFailed"));
});

test("a stream that rests and breaks off is no lost connection", async () => {
  answers["runs/1"] = [200, running];
  await follow()("runs/1");
  streams[0].send({ rows: [], rest: true });
  streams[0].onerror();
  await settle();
  assert.ok(!drawn.includes("lost"));
});

test("a hidden page says so, and goes on from what it has heard", async () => {
  answers["runs/1"] = [200, running];
  await follow()("runs/1");
  streams[0].send({ rows: ["a"] }, "5");
  document.hidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(streams[1].url, "lab/runs/1/events?cursor=5&lang=en&away");
});

test("a change of language draws the run anew", async () => {
  answers["runs/1"] = [200, running];
  await follow()("runs/1");
  document.dispatchEvent(new Event("rnnlab:language"));
  await settle();
  assert.deepEqual(drawn, ["picture runs/1", "picture runs/1"]);
});
