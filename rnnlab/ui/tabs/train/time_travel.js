// @ts-check
// Where the page stands in a run: the handle's epoch, a second one to compare with, and "now", the last whole epoch.
// It knows no page. Whoever draws an epoch subscribes; other panels hear the document's event "rnnlab:epoch".

/** @import { Moment } from "../../frontend/types.d.ts" */

const PLAYED = 8000; // milliseconds from the beginning to now

/** What the keys do to a handle: how far it moves. @type {Record<string, string>} */
const KEYS = {
  ArrowLeft: "back", ArrowRight: "on", PageUp: "stop_back", PageDown: "stop_on", Home: "beginning", End: "now",
};

/** @param {string} key of a KeyboardEvent @returns {string | undefined} */
export const moveOf = (key) => KEYS[key];

/** @typedef {{ reference: string, epoch: number | null, other: number | null }} Saved `epoch` is null for "now" */

export class TimeTravel {
  constructor() {
    this.reference = ""; // "runs/<id>" or "curves/<name>"
    this.epoch = 0; // the handle
    /** @type {number | null} the second handle */
    this.other = null;
    this.now = 0; // the last whole epoch; 0: the untrained model
    this.planned = 1; // epochs
    this.follows = true; // whether the handle moves on with "now"
    /** @type {number[]} epochs with songs, in order: the stops of a presenter's keys */
    this.stops = [];
    /** @type {{ from: number, since: number } | null} where and when playing began */
    this.played = null;
    /** @type {Set<(moment: Moment) => void>} */
    this.listeners = new Set();
    /** @type {Saved | null} what was stored before a reload */
    this.saved = null;
    /** @type {number | null} where a link puts the handle, once in each run, until somebody moves it */
    this.wanted = null;
    this.arrived = ""; // the run in which it was put there
  }

  /** @returns {Moment} */
  get moment() {
    const { reference, epoch, other, now, planned, follows } = this;
    return { reference, epoch, other, now, planned, follows, playing: this.played !== null };
  }

  /**
   * Call `then` at each change; returns a function that ends it.
   * @param {(moment: Moment) => void} then
   */
  subscribe(then) {
    this.listeners.add(then);
    return () => this.listeners.delete(then);
  }

  /**
   * Begin with a run, or with more of the same one, whose handles stay.
   * @param {string} reference
   * @param {{ now: number, planned: number, stops: number[] }} run
   */
  begin(reference, { now, planned, stops }) {
    Object.assign(this, { now, planned, stops });
    if (reference !== this.reference) {
      const saved = this.saved?.reference === reference ? this.saved : null;
      if (saved) this.saved = null;
      this.reference = reference;
      this.played = null;
      this.follows = (saved?.epoch ?? null) === null;
      this.epoch = saved?.epoch ?? now;
      this.other = saved?.other ?? null;
    }
    this.settle();
  }

  /** One more epoch is whole. @param {number} now @param {boolean} hasSongs */
  advance(now, hasSongs) {
    this.now = now;
    if (hasSongs) this.stops = [...this.stops.filter((stop) => stop < now), now];
    this.settle();
  }

  /** Put the handle to an epoch as soon as the run has it. @param {number} epoch */
  want(epoch) {
    [this.wanted, this.arrived] = [epoch, ""];
    if (this.reference) this.settle();
  }

  /** Go where a link wants the handle, if the run has that epoch by now. */
  arrive() {
    if (this.wanted === null || this.now < this.wanted || this.arrived === this.reference) return;
    [this.arrived, this.follows, this.epoch, this.played] = [this.reference, false, this.wanted, null];
  }

  /** Keep the handles within the run, and tell everybody. */
  settle() {
    this.arrive();
    const within = (/** @type {number} */ epoch) => Math.max(0, Math.min(this.now, Math.round(epoch)));
    this.epoch = this.follows ? this.now : within(this.epoch);
    if (this.other !== null) this.other = within(this.other);
    for (const listener of this.listeners) listener(this.moment);
  }

  /** Move the handle; at "now" it follows again only where that was asked for. @param {number} epoch */
  go(epoch) {
    this.played = this.wanted = null;
    this.follows = false;
    this.epoch = epoch;
    this.settle();
  }

  /** Move the second handle. @param {number} epoch */
  goOther(epoch) {
    this.played = this.wanted = null;
    this.other = epoch;
    this.settle();
  }

  /** Move the handle to "now", and on with it. */
  follow() {
    this.played = this.wanted = null;
    this.follows = true;
    this.settle();
  }

  /**
   * Move a handle as a key says.
   * @param {string} move
   * @param {boolean} [isOther] whether it is the second one
   */
  move(move, isOther = false) {
    const at = isOther ? this.other ?? this.epoch : this.epoch;
    if (move === "now" && !isOther) return this.follow();
    /** @type {Record<string, number>} */
    const to = {
      back: at - 1, on: at + 1, beginning: 0, now: this.now,
      stop_back: this.stops.findLast((stop) => stop < at) ?? 0,
      stop_on: this.stops.find((stop) => stop > at) ?? this.now,
    };
    if (isOther) this.goOther(to[move]);
    else if (!(this.follows && to[move] >= this.now)) this.go(to[move]);
  }

  /** Set the second handle half-way to the first, or take it away. */
  compare() {
    this.played = this.wanted = null;
    this.other = this.other === null ? Math.floor(this.epoch / 2) : null;
    this.settle();
  }

  /** Play to "now" from the handle, or from the beginning where it is at "now"; or stop. @param {number} at ms */
  play(at) {
    this.wanted = null;
    if (this.played) this.played = null;
    else {
      const from = this.epoch >= this.now ? 0 : this.epoch;
      this.follows = false;
      this.epoch = from;
      this.played = { from, since: at };
    }
    this.settle();
  }

  /** While it plays: the time has come to `at`. The whole run takes PLAYED, a part of it its share. @param {number} at ms */
  tick(at) {
    if (!this.played) return;
    const { from, since } = this.played, epoch = from + Math.floor((this.now * (at - since)) / PLAYED);
    if (epoch >= this.now) return this.follow();
    if (epoch === this.epoch) return;
    this.epoch = Math.max(0, epoch);
    this.settle();
  }

  /** @returns {Saved} what is stored for the next load of the page */
  toSaved() {
    return { reference: this.reference, epoch: this.follows ? null : this.epoch, other: this.other };
  }
}

/** Where the Train tab stands. */
export const travel = new TimeTravel();

/** Tell other panels. @param {Moment} moment */
export function announce({ reference, epoch, other, now }) {
  document.dispatchEvent(new CustomEvent("rnnlab:epoch", { detail: { reference, epoch, other, now } }));
}
