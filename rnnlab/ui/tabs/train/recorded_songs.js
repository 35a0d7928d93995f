// @ts-check
// The songs of epochs that the page was not sent, asked for from a run's recording: one request at a time, and then the
// newest wish. An answer is the last song up to the epoch that was asked for, so it holds for all epochs between.

const PAUSE = 2000; // milliseconds until an epoch without an answer may be asked for again

/**
 * @template {{ epoch: number }} Row
 */
export class RecordedSongs {
  /**
   * @param {string} reference of the run; of a recorded curve the page has all songs
   * @param {(row: Row) => void} receive called with each row
   */
  constructor(reference, receive) {
    this.reference = reference;
    this.receive = receive;
    /** @type {Map<number, number>} the last epoch for which a row holds, by the row's own epoch */
    this.until = new Map();
    /** @type {Map<number, number>} when an epoch was asked for in vain, in milliseconds */
    this.failed = new Map();
    /** @type {number[]} epochs that are shown now and are not known */
    this.wanted = [];
    this.busy = false;
    this.closed = false;
  }

  /** Ask for epochs in place of those that were wanted before. @param {number[]} epochs */
  want(epochs) {
    this.wanted = epochs;
    if (!this.busy) this.ask();
  }

  /** Another run is shown: an answer that is under way is dropped. */
  close() {
    this.closed = true;
    this.wanted = [];
  }

  /** @param {number} epoch */
  isKnown(epoch) {
    for (const [from, until] of this.until) if (from <= epoch && epoch <= until) return true;
    return false;
  }

  /** @param {number} epoch */
  mayAsk(epoch) {
    return !this.isKnown(epoch) && performance.now() - (this.failed.get(epoch) ?? -PAUSE) >= PAUSE;
  }

  async ask() {
    const epoch = this.wanted.find((each) => this.mayAsk(each));
    if (epoch === undefined || this.reference.startsWith("curves/")) return;
    this.busy = true;
    const row = await this.fetch(epoch);
    this.busy = false;
    if (this.closed) return;
    if (row) {
      this.failed.delete(epoch);
      this.until.set(row.epoch, Math.max(epoch, this.until.get(row.epoch) ?? 0));
      this.receive(row);
    } else this.failed.set(epoch, performance.now()); // a row may be told of before it is written
    if (!this.busy) this.ask();
  }

  /** @param {number} epoch @returns {Promise<Row | null>} null where there is none yet, or no server answers */
  async fetch(epoch) {
    try {
      const response = await fetch(`lab/${this.reference}/recorded?epoch=${epoch}`);
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }
}
