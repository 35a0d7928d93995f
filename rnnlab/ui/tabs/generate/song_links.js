// @ts-check
// What the song's panel, that of the next character and the foot below them do for each other. Each fills in its part
// when it is attached, whichever comes first. A place is the number of a token of the song, without the prefix.

/** @import { Copied, NextBars, Song } from "../../frontend/types.d.ts" */

/**
 * @typedef {object} SongPanel
 * @property {() => Song | null} song
 * @property {(song: Song) => void} show the same song with another ending, at once
 * @property {(marks: { at: number, isChosen: boolean, branches: Set<number>, hiddenAfter: number | null }) => void} mark
 *   `markLetters` of letters.js; where the place is chosen, the arrow keys go on from it
 * @property {(step: number) => void} walk to another letter
 */
/**
 * @typedef {object} NextPanel
 * @property {(song: Song | null) => boolean} receive a song, or more of it, from the server; returns whether it is not to
 *   be shown, because another ending of it is
 * @property {(place: number, isChosen: boolean) => boolean} look at a place, chosen by a click or a key and not by the
 *   pointer alone; returns whether the panel tells what stands there
 * @property {(event: KeyboardEvent) => boolean} key returns whether it has done something
 */

/**
 * @typedef {object} SongFoot
 * @property {(copied: Copied | null | undefined) => void} show how much of the song is copied
 * @property {(found: NextBars, token: string) => void} explain the softmax at a place by its token
 */

/** @type {SongPanel} */
export const songPanel = { song: () => null, show: () => {}, mark: () => {}, walk: () => {} };

/** @type {NextPanel} */
export const nextPanel = { receive: () => false, look: () => false, key: () => false };

/** @type {SongFoot} */
export const songFoot = { show: () => {}, explain: () => {} };
