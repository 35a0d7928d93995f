import assert from "node:assert/strict";
import test from "node:test";

import { addressOf } from "./copy_link.js";
import { isNewLink, linkIn } from "./link.js";

test("a link is what the address says of tabs", () => {
  assert.equal(linkIn("?tab=train&lang=zh&__theme=dark&seed=3"), "tab=train&seed=3");
  assert.equal(linkIn("?lang=zh&__theme=dark"), "");
});

test("a reload does not apply a link again, and a visit does", () => {
  assert.ok(isNewLink("tab=train", null, "reload", false));
  assert.ok(isNewLink("tab=train", "tab=tag", "reload", false));
  assert.ok(!isNewLink("tab=train", "tab=train", "reload", false));
  assert.ok(!isNewLink("tab=train", "tab=train", "back_forward", false));
  assert.ok(isNewLink("tab=train", "tab=train", "navigate", false));
  assert.ok(!isNewLink("tab=train", "tab=train", "navigate", true), "in a frame the two look alike");
});

test("a copied link is that of the page, under its path, or of its Space", () => {
  const place = { origin: "https://lab.example.org", pathname: "/rnn/", search: "?lang=zh-CN&seed=9" };
  assert.equal(addressOf("tab=train&seed=3", "", place), "https://lab.example.org/rnn/?tab=train&seed=3&lang=zh-CN");
  assert.equal(addressOf("tab=train", "a/b", { ...place, search: "" }), "https://huggingface.co/spaces/a/b?tab=train");
});
