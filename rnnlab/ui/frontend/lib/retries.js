// @ts-check
// Ask a server again that did not answer, or that has failed: after pauses that grow. One that fails each time is not
// asked for ever: the page then says so, with a way out.

import { make } from "./page.js";

export const PAUSES = [2000, 4000, 8000, 16_000, 30_000]; // milliseconds until the next try

/** How often something has been tried in vain. */
export class Retries {
  /** @param {number[]} pauses in milliseconds; the last one is repeated for a server that does not answer */
  constructor(pauses = PAUSES) {
    this.pauses = pauses;
    this.tries = 0;
  }

  /**
   * Return the milliseconds until the next try; null: it has been tried often enough.
   * @param {number} status of the answer (`answerOf`); 0: no server answered, which may last, and passes
   */
  next(status) {
    if (this.isLong && status !== 0) return null;
    return this.pauses[Math.min(this.tries++, this.pauses.length - 1)];
  }

  /** Whether all pauses have passed. */
  get isLong() {
    return this.tries >= this.pauses.length;
  }

  /** It has succeeded, or something else is wanted. */
  reset() {
    this.tries = 0;
  }
}

/** @param {"serverFailed" | "serverAway" | "reload"} name @returns {string} it needs no answer of a server */
export const ownWord = (name) => globalThis.rnnlab.languages.find(({ key }) => key === globalThis.rnnlab.languageKey())[name];

/**
 * Say at the top of a panel that the server fails or does not answer, with a button that loads the page again.
 * @param {HTMLElement} panel
 * @param {"serverFailed" | "serverAway" | null} how null: neither any more
 */
export function showTrouble(panel, how) {
  const known = /** @type {HTMLElement | null} */ (panel.querySelector(":scope > .trouble"));
  if (known?.dataset.how === (how ?? undefined)) return; // it is read aloud once
  known?.remove();
  if (!how) return;
  const button = make("button", "secondary", ownWord("reload")), note = make("div", "refused trouble", make("p", "", ownWord(how)), button);
  button.type = "button";
  button.addEventListener("click", () => location.reload());
  note.setAttribute("role", "alert");
  note.dataset.how = how;
  panel.prepend(note);
}

/**
 * Try until there is a result: after each failure there is a pause, and a server that fails each time is given up.
 * @template T
 * @param {() => Promise<{ status: number, value: T | null }>} attempt status 200 with a value, or of a failure
 * @param {() => HTMLElement} panel says what is wrong
 * @param {Retries} [retries]
 * @returns {Promise<T | null>} null: given up
 */
export async function tried(attempt, panel, retries = new Retries()) {
  for (let isTold = false; ;) {
    const { status, value } = await attempt(), isDone = status === 200;
    const pause = isDone ? null : retries.next(status);
    if (isDone ? isTold : pause === null || retries.isLong) {
      showTrouble(panel(), isDone ? null : troubleOf(status));
      isTold = true;
    }
    if (pause === null) return value;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** @param {number} status */
export const troubleOf = (status) => (status === 0 ? "serverAway" : "serverFailed");
