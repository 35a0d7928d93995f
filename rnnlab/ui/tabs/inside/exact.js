// @ts-check
// The exact network of an epoch of which only rounded weights, or none, are kept: the server trains it anew once the
// handle of time travel rests, and tells how far it is. And what the page says of the epoch that it shows.

import { LongRequest } from "../../frontend/lib/long_answer.js";
import { number, whole } from "../../frontend/lib/numbers.js";
import { language } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { OpenedValue, Words } from "../../frontend/types.d.ts" */

const STAYED = 200; // milliseconds after the opening until the training begins: the handle passes over many epochs
const MEGABYTE = 1e6;

/**
 * Say which epoch is shown, from which weights, and why it is not exactly the one that was asked for.
 * @param {OpenedValue} opened
 * @param {Words} words
 */
export function epochSentences(opened, words) {
  const { cell, layers, hidden, epoch, wanted, source, replay } = opened;
  const facts = { cell: cell.toUpperCase(), layers, hidden: whole(hidden), epoch: whole(epoch), wanted: whole(wanted) };
  const sentences = [fill(epoch ? words.about : words.untrained, facts)];
  if (source === "exact") return [...sentences, words.exact];
  if (source === "rounded") sentences.push(words.rounded);
  const near = wanted === epoch ? "_same" : "";
  if (!replay) return near ? sentences : [...sentences, fill(words.nearest, facts)];
  const cost = { seconds: number(replay.seconds, 2), bytes: number(replay.bytes / MEGABYTE, 2) };
  const most = { most_seconds: whole(replay.max_seconds), most_bytes: whole(Math.round(replay.max_bytes / MEGABYTE)) };
  return [...sentences, fill(words[`${replay.affordable ? "until" : "too_long"}${near}`], { ...facts, ...cost, ...most })];
}

export class ExactEpoch {
  /**
   * @param {(name: string) => any} role with "share", a progress bar
   * @param {{ show: (value: OpenedValue) => void, gone: () => void, say: (message: string | undefined) => void, words: () => Words }} page
   */
  constructor(role, page) {
    this.role = role;
    this.page = page;
    this.request = new LongRequest(STAYED);
  }

  /** Have the exact network of what was opened trained, if it can be; in place of what was wanted before. @param {OpenedValue} opened */
  want(opened) {
    this.cancel();
    if (!opened.replay?.affordable || !opened.states.length) return;
    const bar = this.role("share"), asked = new URLSearchParams({ lang: language() });
    this.request.start(`lab/inside/${opened.key}/exact?${asked}`, (share) => { bar.hidden = false; bar.value = share; }, ({ status, body }) => {
      bar.hidden = true;
      if (status === 200) this.page.show(body);
      else if (status === 404) this.page.gone();
      else this.page.say(status === 409 ? this.page.words().superseded : body?.message ?? this.page.words().lost_exact);
    });
  }

  /** Nothing is wanted any more: the server ends its training. */
  cancel() {
    this.request.cancel();
    this.role("share").hidden = true;
  }
}
