// @ts-check
// Perplexity as a tone: the logarithm of the perplexity is the pitch, so that each octave down is the same factor.

const LOW = 220, OCTAVES = 3; // Hz of perplexity 1, and how far above it a blind guess sounds
const GAP = 250; // milliseconds between two tones at least
const SECONDS = 0.35, LOUDNESS = 0.12;
const KEY = "rnnlab_sound";

/**
 * The pitch of a perplexity.
 * @param {number | null | undefined} perplexity null: infinite
 * @param {number | null | undefined} uniform the perplexity of a blind guess
 * @returns {number} Hz, from 220 for 1 to 1760 for `uniform` and above
 */
export function pitchOf(perplexity, uniform) {
  const top = uniform > 1 ? uniform : 1000;
  const share = perplexity === null || perplexity === undefined || Number.isNaN(perplexity) ? 1 : Math.log(Math.max(1, perplexity)) / Math.log(top);
  return LOW * 2 ** (OCTAVES * Math.min(1, share));
}

/** Sounds one short tone per epoch; off until somebody switches it on. A browser lets it sound after a click or a key. */
export class Tone {
  /** @param {{ now?: () => number, storage?: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null }} [options] */
  constructor({ now = () => performance.now(), storage = globalThis.localStorage ?? null } = {}) {
    this.now = now;
    this.storage = storage;
    this.isOn = storage?.getItem(KEY) === "on";
    this.last = -Infinity;
    /** @type {AudioContext | null} */
    this.audio = null;
  }

  /** @param {boolean} on the visitor's choice, which is remembered */
  switch(on) {
    this.isOn = on;
    try { on ? this.storage?.setItem(KEY, "on") : this.storage?.removeItem(KEY); } catch { return; } // full
  }

  /** Make sound possible, in the handler of a click or a key. */
  wake() {
    if (!this.isOn) return;
    this.audio ??= typeof AudioContext === "undefined" ? null : new AudioContext();
    this.audio?.resume();
  }

  /** Sound a perplexity, unless it is off, there was no gesture yet, or a tone sounded just now. @param {number | null} perplexity @param {number | null} [uniform] @returns {number | null} Hz */
  play(perplexity, uniform) {
    const now = this.now();
    if (!this.isOn || !this.audio || now - this.last < GAP) return null;
    this.last = now;
    const pitch = pitchOf(perplexity, uniform), { audio } = this, from = audio.currentTime;
    const tone = audio.createOscillator(), volume = audio.createGain();
    tone.type = "sine";
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + SECONDS);
    tone.connect(volume).connect(audio.destination);
    tone.start(from);
    tone.stop(from + SECONDS);
    return pitch;
  }
}
