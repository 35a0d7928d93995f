// @ts-check
// The card of a guide, beside the page or, on a narrow one, at its foot.

import { make } from "./page.js";
import { fill } from "./text.js";

/** @import { Guide, Words } from "../types.d.ts" */

/**
 * @typedef {{ now: number, planned: number, total: number } | null} Clock minutes of the lecture
 * @typedef {{ guide: Guide, step: number, words: Words, texts: Words, clock: Clock, hasNext: boolean }} Shown
 * @typedef {{ move: (by: 1 | -1) => void, again: () => void, leave: () => void, notes: () => void }} Handlers
 */

/** @param {string} className @param {() => void} press @returns {HTMLButtonElement} */
function button(className, press) {
  const node = make("button", className);
  node.type = "button";
  node.addEventListener("click", press);
  return node;
}

export class GuideCard {
  /** @param {Handlers} handlers */
  constructor({ move, again, leave, notes }) {
    this.element = make("aside");
    this.element.id = "guide-card";
    this.parts = {
      title: make("h2"), place: make("p", "place"), clock: make("p", "clock"),
      body: make("div", "body"), said: make("p", "said"),
      back: button("back", () => move(-1)), next: button("next", () => move(1)), again: button("again", again),
      leave: button("leave", leave), notes: button("notes", notes),
    };
    const { title, place, clock, body, said, back, next, again: repeat, leave: out, notes: window } = this.parts;
    body.setAttribute("role", "status");
    said.setAttribute("role", "status");
    body.tabIndex = 0; // it may have to be scrolled
    this.element.append(make("div", "top", make("div", "names", title, place), out), clock, body, said,
      make("div", "moves", back, next), make("div", "others", repeat, window));
    document.body.append(this.element);
    this.#makeRoom(true);
    next.focus({ preventScroll: true });
  }

  /** @param {boolean} isOpen */
  #makeRoom(isOpen) {
    document.documentElement.toggleAttribute("data-guided", isOpen);
    dispatchEvent(new Event("resize")); // plots have another width now
  }

  remove() {
    this.element.remove();
    this.#makeRoom(false);
  }

  /** @param {Shown} shown */
  draw({ guide, step, words, texts, clock, hasNext }) {
    const { name } = guide.steps[step], { parts } = this, isLast = step === guide.steps.length - 1;
    this.words = words;
    this.element.setAttribute("aria-label", words.card);
    parts.title.textContent = texts.title;
    parts.place.textContent = fill(words.step, { step: step + 1, steps: guide.steps.length });
    parts.leave.textContent = "×";
    parts.leave.setAttribute("aria-label", words.leave);
    parts.leave.title = words.leave;
    parts.back.replaceChildren("← ", words.back);
    parts.next.replaceChildren(isLast && hasNext ? words.next_lesson : words.next, " →");
    parts.back.disabled = step === 0 && guide.begins === 0;
    parts.next.disabled = isLast && !hasNext;
    parts.next.toggleAttribute("data-ready", !guide.steps[step].wait.change && !guide.steps[step].wait.selector);
    parts.again.textContent = words.again;
    parts.notes.textContent = words.open_notes;
    const lines = ["ask", "seen"].map((part) => make("div", part, make("b", "", words[part]), make("p", "", texts[`${name}.${part}`])));
    parts.body.replaceChildren(make("p", "text", texts[`${name}.text`]), ...lines, ...(isLast ? [this.#homework(guide, words)] : []));
    parts.body.scrollTop = 0;
    this.tick(clock);
    this.say(this.saying ?? "");
  }

  /** @param {Guide} guide @param {Words} words @returns {HTMLElement} the notebook and the exercises */
  #homework(guide, words) {
    const commands = guide.exercises.map((name) => make("li", "", fill(words.exercise, { command: "" }), make("code", "", `rnnlab exercise ${name} my.py --start`)));
    const items = make("ul", "", ...commands);
    if (guide.notebook) {
      const about = { href: `lab/notebooks/${guide.notebook}`, download: guide.notebook };
      items.append(make("li", "", Object.assign(make("a", "", fill(words.notebook, { name: guide.notebook })), about)));
    }
    return make("div", "homework", make("b", "", words.homework), items);
  }

  /** Say how far the step is. @param {"working" | "ready" | "missing" | ""} what */
  say(what) {
    this.saying = what;
    this.parts.said.textContent = (what && this.words?.[what]) ?? "";
    this.element.dataset.state = what;
    if (what === "working") this.parts.next.removeAttribute("data-ready");
  }

  markReady() { this.parts.next.setAttribute("data-ready", ""); }

  /** @param {Clock} clock */
  tick(clock) {
    this.parts.clock.hidden = !clock;
    if (clock && this.words) this.parts.clock.textContent = fill(this.words.clock, clock);
  }
}
