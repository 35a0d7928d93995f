// @ts-check
// Ask the server for what takes a while. It answers with lines of JSON: how much is done, and at last what was asked for
// (rnnlab/ui/server/progress_stream.py).

import { statusAndBody } from "./answer.js";

/** @typedef {{ status: number, body: any }} Answer 404: there is no such thing; 409: a newer request came; 0: no server */

/**
 * Return the answer as `answerOf` does, and call `onShare` with how much of the work is done until then.
 * @param {string} address
 * @param {(share: number) => void} onShare
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
export async function longAnswerOf(address, onShare, signal) {
  try {
    const response = await fetch(address, { signal });
    if (!response.ok) return await statusAndBody(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { status: 0, body: null };
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.map((text) => JSON.parse(text))) {
        if (!("share" in line)) return answerIn(line);
        onShare(line.share);
      }
    }
  } catch {
    return { status: 0, body: null };
  }
}

/** @param {Record<string, any>} line the last one @returns {Answer} */
function answerIn(line) {
  if ("value" in line) return { status: 200, body: line.value };
  if ("message" in line) return { status: 400, body: line };
  return { status: line.state === "superseded" ? 409 : 404, body: line };
}

/** One request for long work at a time: it is made when nothing else was wanted for a while, and a newer one ends it. */
export class LongRequest {
  /** @param {number} settled milliseconds */
  constructor(settled) {
    this.settled = settled;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {AbortController | null} */
    this.running = null;
  }

  /**
   * Ask for an address; an answer to what was asked for before is dropped.
   * @param {string} address
   * @param {(share: number) => void} onShare
   * @param {(answer: Answer) => void} onAnswer
   */
  start(address, onShare, onAnswer) {
    this.cancel();
    this.timer = setTimeout(async () => {
      const mine = (this.running = new AbortController());
      const answer = await longAnswerOf(address, (share) => this.running === mine && onShare(share), mine.signal);
      if (this.running !== mine) return;
      this.running = null;
      onAnswer(answer);
    }, this.settled);
  }

  /** Nothing is wanted any more: the server ends its work. */
  cancel() {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
  }
}
