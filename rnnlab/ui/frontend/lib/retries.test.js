import assert from "node:assert/strict";
import test, { mock } from "node:test";

import { PAUSES, Retries, showTrouble, tried } from "./retries.js";

globalThis.Node ??= class {};
const words = { key: "en", serverFailed: "It failed.", serverAway: "No answer.", reload: "Reload" };
globalThis.rnnlab = { languages: [words], languageKey: () => "en" };

/** An element as far as `showTrouble` needs it. */
class Element extends globalThis.Node {
  constructor(tag = "div") { super(); Object.assign(this, { tag, children: [], dataset: {}, attributes: {}, listeners: {} }); }
  append(...nodes) { this.children.push(...nodes); }
  prepend(node) { node.parent = this; this.children.unshift(node); }
  remove() { this.parent.children = this.parent.children.filter((each) => each !== this); }
  querySelector() { return this.children.find(({ className }) => className?.includes("trouble")) ?? null; }
  setAttribute(name, value) { this.attributes[name] = value; }
  addEventListener(name, listener) { this.listeners[name] = listener; }
}
globalThis.document = { createElement: (tag) => new Element(tag) };

test("pauses grow; a server that fails is given up, one that does not answer is not", () => {
  const failing = new Retries(), away = new Retries();
  assert.deepEqual(PAUSES.map(() => failing.next(500)), PAUSES);
  assert.equal(failing.next(500), null);
  assert.deepEqual([...PAUSES, 0, 0].map(() => away.next(0)), [...PAUSES, PAUSES.at(-1), PAUSES.at(-1)]);
  assert.ok(PAUSES.every((pause, i) => pause > (PAUSES[i - 1] ?? 0)));
  failing.reset();
  assert.equal(failing.next(500), PAUSES[0]);
});

test("a panel says once what is wrong, with a button that loads the page again, until it is over", () => {
  const panel = new Element();
  let reloads = 0;
  globalThis.location = { reload: () => reloads++ };
  showTrouble(panel, "serverFailed");
  const [note] = panel.children;
  showTrouble(panel, "serverFailed");
  assert.deepEqual(panel.children, [note]);
  assert.equal(note.attributes.role, "alert");
  assert.deepEqual(note.children.map(({ children }) => children[0]), ["It failed.", "Reload"]);
  note.children[1].listeners.click();
  assert.equal(reloads, 1);
  showTrouble(panel, "serverAway");
  assert.equal(panel.children[0].children[0].children[0], "No answer.");
  showTrouble(panel, null);
  assert.deepEqual(panel.children, []);
});

test("what is tried in vain ends with a sentence, and what succeeds with a value", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const panel = new Element();
  let tries = 0;
  const failing = tried(async () => (tries++, { status: 500, value: null }), () => panel);
  for (const pause of PAUSES) {
    for (let i = 0; i < 10; i++) await Promise.resolve();
    mock.timers.tick(pause);
  }
  assert.equal(await failing, null);
  assert.equal(tries, 1 + PAUSES.length);
  assert.equal(panel.children.length, 1);
  panel.children = [];
  const answers = [...PAUSES.map(() => ({ status: 0, value: null })), { status: 200, value: 7 }];
  const found = tried(async () => answers.shift(), () => panel);
  for (const pause of PAUSES) {
    for (let i = 0; i < 10; i++) await Promise.resolve();
    if (pause === PAUSES.at(-1)) assert.equal(panel.children.length, 1, "a server that does not answer is told of, too");
    mock.timers.tick(pause);
  }
  assert.equal(await found, 7);
  mock.timers.reset();
  assert.deepEqual(panel.children, []);
});
