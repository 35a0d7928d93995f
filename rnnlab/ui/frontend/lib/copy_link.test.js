// The address of a copied link: where the app is served, or the Space's page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOf } from "./copy_link.js";
import { watchIn } from "./watch.js";

const place = { origin: "https://lab.example", pathname: "/school/lab/", search: "" };

test("a link is that of the page, with its path and without its query", () => {
  assert.equal(addressOf("tab=train", "", { ...place, search: "?tab=race&watch=ab" }), "https://lab.example/school/lab/?tab=train");
});

test("the language stays where the address names it", () => {
  assert.equal(addressOf("tab=train", "", { ...place, search: "?lang=zh-CN" }), "https://lab.example/school/lab/?tab=train&lang=zh-CN");
});

test("on a Space it is that of the Space's page", () => {
  assert.equal(addressOf("tab=train&watch=ab", "someone/rnn-lab", place), "https://huggingface.co/spaces/someone/rnn-lab?tab=train&watch=ab");
});

test("a run is watched on the tab that the link names, else on Train", () => {
  assert.deepEqual(watchIn("?tab=race&watch=ab"), { tab: "race", key: "ab" });
  assert.deepEqual(watchIn("?watch=ab"), { tab: "train", key: "ab" });
  assert.equal(watchIn("?tab=race").key, "");
});
