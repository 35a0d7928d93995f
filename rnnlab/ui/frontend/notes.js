// @ts-check
// The lecturer's window (`rnnlab/ui/guides/notes.html`): it shows what the page with the guide sends, and moves it on.

import { make } from "./lib/page.js";

const channel = new BroadcastChannel("rnnlab-guide");
const main = document.querySelector("[data-role=notes]");
const first = [...main.childNodes];

/** @param {number} by */
const move = (by) => channel.postMessage({ kind: "move", by });

/** @param {any} told what `guides.js` sends */
function draw({ lang, theme, words, title, step, minutes, clock, text, ask, seen, notes, then }) {
  document.documentElement.lang = lang;
  document.documentElement.dataset.theme = theme;
  document.title = words.open_notes;
  /** @param {string} label @param {number} by */
  const button = (label, by) => {
    const node = make("button", "", label);
    node.addEventListener("click", () => move(by));
    return node;
  };
  const focused = [...main.querySelectorAll("button")].findIndex((node) => node === document.activeElement);
  /** @param {string} name @param {string} said */
  const part = (name, said) => make("section", name, make("h2", "", words[name]), make("p", "", said));
  main.replaceChildren(
    make("h1", "", title), make("p", "place", `${step} · ${minutes}`), make("p", "clock", clock ?? ""),
    part("notes", notes), part("ask", ask), part("seen", seen), make("p", "text", text), make("p", "then", then),
    make("p", "moves", button(`← ${words.back}`, -1), button(`${words.next} →`, 1)), make("p", "about", words.following),
  );
  if (focused >= 0) main.querySelectorAll("button")[focused].focus();
}

channel.addEventListener("message", ({ data }) => {
  if (data.kind === "step") draw(data);
  else if (data.kind === "left") main.replaceChildren(...first);
});
addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  move(by);
});
channel.postMessage({ kind: "hello" });
