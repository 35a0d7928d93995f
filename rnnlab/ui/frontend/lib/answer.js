// @ts-check
// Ask the server for JSON; that it does not answer is an answer too.

/**
 * Return the status of an answer and its JSON; the status 0 stands for a server that does not answer.
 * @param {string} address
 * @param {RequestInit} [options]
 * @returns {Promise<{ status: number, body: any }>}
 */
export async function answerOf(address, options) {
  try {
    const response = await fetch(address, options);
    return { status: response.status, body: await response.json() };
  } catch {
    return { status: 0, body: null };
  }
}

/** Asks one thing at a time: a question aborts the one before, whose answer nobody waits for (its status is 0). */
export class Inquiry {
  constructor() {
    this.controller = new AbortController();
  }

  /** @param {string} address @param {RequestInit} [options] */
  ask(address, options = {}) {
    this.controller.abort();
    this.controller = new AbortController();
    return answerOf(address, { ...options, signal: this.controller.signal });
  }
}
