// @ts-check
// "Hear it learn": the perplexity of the epoch under the handle as a tone, as it comes and while one travels.

import { Tone } from "../../frontend/lib/tone.js";

/** @import { EpochRow, TrainPayload } from "../../frontend/types.d.ts" */

export class Sound {
  /** @param {HTMLElement} button its switch @param {AbortSignal} signal ends the listeners on the document */
  constructor(button, signal) {
    this.tone = new Tone();
    this.button = button;
    this.at = ""; // the run and the epoch that sounded last
    button.addEventListener("click", () => {
      this.tone.switch(!this.tone.isOn);
      this.tone.wake();
      this.at = "";
      this.write();
    });
    for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, () => this.tone.wake(), { signal });
    this.write();
  }

  write() {
    this.button.setAttribute("aria-pressed", String(this.tone.isOn));
  }

  /** @param {string} reference @param {EpochRow | null} row @param {TrainPayload | null} run */
  show(reference, row, run) {
    const at = `${reference} ${row?.epoch}`;
    if (!row || at === this.at || this.tone.play(row.perplexity, run?.uniform) === null) return;
    this.at = at;
  }
}
