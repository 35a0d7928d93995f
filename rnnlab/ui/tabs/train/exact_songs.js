// @ts-check
// The songs of an epoch of which none were kept: the server trains it anew and lets its network write, if that does not
// take too long. It is asked when the handles stay where they are.

import { LongRequest } from "../../frontend/lib/long_answer.js";

const STAYED = 400; // milliseconds
const NEWER = 409; // another page of this visitor asks for the same

/**
 * @template {{ epoch: number }} Row
 */
export class ExactSongs {
  /**
   * @param {string} reference of the run; of a recorded curve there is nothing to train
   * @param {(row: Row) => void} receive called with each row
   */
  constructor(reference, receive) {
    this.reference = reference;
    this.receive = receive;
    this.request = new LongRequest(STAYED);
    /** @type {Set<number>} epochs that the server does not train anew */
    this.refused = new Set();
    /** @type {number | undefined} the epoch that is asked for */
    this.asked = undefined;
    /** @type {number | undefined} ended by another page of this browser: it is asked for when the handle comes back */
    this.ended = undefined;
  }

  /** Ask for the first of some epochs, in place of what was wanted before. @param {number[]} epochs */
  want(epochs) {
    const epoch = this.reference.startsWith("runs/") ? epochs.find((each) => !this.refused.has(each)) : undefined;
    if (epoch !== this.ended) this.ended = undefined;
    if (epoch === this.asked || this.ended !== undefined) return;
    this.close();
    if (epoch === undefined) return;
    this.asked = epoch;
    this.request.start(`lab/${this.reference}/songs/exact?epoch=${epoch}`, () => {}, ({ status, body }) => {
      this.asked = undefined;
      if (status === 200) return this.receive(body);
      if (status === NEWER) this.ended = epoch;
      else if (status) this.refused.add(epoch);
    });
  }

  /** Another run is shown. */
  close() {
    this.asked = undefined;
    this.request.cancel();
  }
}
