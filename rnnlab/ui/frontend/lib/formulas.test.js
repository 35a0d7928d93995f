import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { FORMULAS } from "./formulas.js";

const ARITY = { msub: 2, msup: 2, mfrac: 2, munder: 2, munderover: 3 };

/** Check a tree and return its text. */
function read(tree) {
  if (typeof tree === "string") return tree;
  const [name, ...children] = tree;
  if (ARITY[name]) assert.equal(children.length, ARITY[name], `${name} has ${ARITY[name]} children`);
  return children.map(read).join("");
}

test("each formula is well formed, and its brackets close", () => {
  for (const [name, parts] of Object.entries(FORMULAS)) {
    const text = parts.map(read).join("");
    assert.equal(text.split("(").length, text.split(")").length, `${name}: ${text}`);
  }
});

test("the chain rule has every earlier character, an n-gram the n - 1 before", () => {
  assert.equal(FORMULAS.chain.map(read).join(""), "P(x1,…,xT)=∏t=1TP(xt|x1,…,xt−1)");
  assert.equal(FORMULAS.markov.map(read).join(""), "P(xt|x1,…,xt−1)≈P(xt|xt−n+1,…,xt−1)");
});

test("each formula has its name, its words and its reason where the texts are at hand", (t) => {
  let words;
  try {
    words = JSON.parse(readFileSync(new URL("../../i18n/en/formulas.json", import.meta.url), "utf-8")).formulas;
  } catch { return t.skip("the texts are not beside this copy of the scripts"); }
  for (const name of Object.keys(FORMULAS)) for (const kind of ["", ".say", ".why"]) assert.ok(words[name + kind], name + kind);
});
