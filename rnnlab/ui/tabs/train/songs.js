// @ts-check
// The songs of the live panel: the newest samples, those of the untrained model to compare with, and the characters of
// the prefixes that the text lacks. Texts that a model wrote are set as text.

import { make } from "../../frontend/lib/page.js";
import { direction, fill, languageOfScript, lineElement, splitLines, visible } from "../../frontend/lib/text.js";

/** @import { TrainPayload, UntrainedRow, Words } from "../../frontend/types.d.ts" */

// Its lines are blocks, and an empty one has a <br>, so that it is copied with its line ends.
/** @param {string} text */
function songElement(text) {
  const song = make("p");
  song.lang = languageOfScript(text);
  for (const line of splitLines(text)) {
    const node = lineElement(line, direction(text));
    node.append(line || document.createElement("br"));
    song.append(node, "\n");
  }
  return song;
}

/** Shows songs in `songs`, under the `heading`, and unknown characters in `missing`. */
export class Songs {
  /** @param {{ songs: HTMLElement, heading: HTMLElement, missing: HTMLElement }} parts */
  constructor({ songs, heading, missing }) {
    this.element = songs;
    this.heading = heading;
    this.missing = missing;
    /** @type {Words} */
    this.words = {};
    /** @type {UntrainedRow | null} */
    this.untrained = null;
    this.details = make("details");
    this.isTrained = false; // whether a whole epoch has been sampled
  }

  /** Begin the songs of a run; those of the run before stay, dimmed, until there are new ones. */
  /** @param {TrainPayload} run @param {Words} words @param {boolean} isAnother whether another run was drawn before */
  begin(run, words, isAnother) {
    const hasOldSongs = (this.element.querySelector("p") && isAnother) || this.element.hasAttribute("data-before");
    [this.words, this.isTrained] = [words, run.songs.length > 0];
    this.element.setAttribute("aria-label", words.songs ?? "");
    this.heading.textContent = words.songs;
    this.showUntrained(run.untrained);
    if (this.isTrained) return this.show(run.songs);
    if (run.untrained?.samples.length) return;
    if (hasOldSongs) {
      this.element.setAttribute("data-before", "");
      this.heading.textContent = words["songs.before"];
    } else {
      this.element.textContent = fill(words[run.first_sample ? "no_songs" : "no_samples"], { n: run.first_sample });
    }
  }

  /** Show the samples of an epoch, if it has any; those of the untrained model are below, closed. */
  /** @param {string[] | undefined} texts */
  show(texts) {
    if (!texts?.length) return;
    this.isTrained = true;
    this.element.removeAttribute("data-before");
    this.heading.textContent = this.words.songs;
    this.element.replaceChildren(...texts.map(songElement), ...(this.untrained?.samples.length ? [this.details] : []));
  }

  /** @param {UntrainedRow | null} row */
  showUntrained(row) {
    this.untrained = row;
    const characters = (row?.missing ?? []).map(visible).join(" ");
    this.missing.hidden = !characters;
    this.missing.textContent = characters && fill(this.words.missing, { characters });
    const songs = row?.samples.map(songElement) ?? [];
    const { open } = this.details;
    this.details = make("details", "", make("summary", "", this.words["songs.untrained"]), ...songs);
    this.details.open = open;
    if (!songs.length || this.isTrained) return;
    this.element.removeAttribute("data-before");
    this.heading.textContent = this.words["songs.untrained"];
    this.element.replaceChildren(...row.samples.map(songElement));
  }

  /** Remove what says that the first song is to come: the run has ended before. */
  end() {
    if (!this.untrained?.samples.length && !this.element.hasAttribute("data-before")) this.element.textContent = "";
  }
}
