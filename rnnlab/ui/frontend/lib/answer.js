// @ts-check
// Ask the server for JSON; that it does not answer is an answer too.

const AWAY = [502, 503, 504]; // of a proxy before a server that does not answer, or of one that is too busy

/**
 * Return the status of an answer and its JSON. The status 0 stands for a server that does not answer and may be asked
 * again; a body of null under another status for a server that has failed, and would fail again.
 * @param {string} address
 * @param {RequestInit} [options]
 * @returns {Promise<{ status: number, body: any }>}
 */
export async function answerOf(address, options) {
  try {
    return await statusAndBody(await fetch(address, options));
  } catch {
    return { status: 0, body: null };
  }
}

/** @param {Response} response @returns {Promise<{ status: number, body: any }>} */
export async function statusAndBody(response) {
  const body = jsonOf(await response.text());
  const isAway = body === null && (response.ok || AWAY.includes(response.status));
  return { status: isAway ? 0 : response.status, body };
}

/** @param {string} text */
function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
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
