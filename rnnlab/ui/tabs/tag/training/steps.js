// @ts-check
// The sentences of a small lesson, word by word, through the unrolled network: what goes in, and which tag comes out.

import { percent } from "../../../frontend/lib/numbers.js";
import { make } from "../../../frontend/lib/page.js";
import { player } from "../../../frontend/lib/player.js";
import { fill } from "../../../frontend/lib/text.js";
import { UnrolledNetwork } from "../../../frontend/lib/unrolled.js";
import { stepsOf } from "../../../frontend/lib/unrolled_layout.js";

/** @import { ScoresRow, Words } from "../../../frontend/types.d.ts" */
/** @typedef {import("./log.js").Who} Who */

const MAX_WORDS = 8; // of a sentence that is drawn
const NO_RECURRENCE = "none", LSTM = "lstm"; // as a configuration names them

/**
 * @typedef {object} Lesson
 * @property {Partial<Record<Who, ScoresRow[]>>} scores of the sentences, by tagger
 * @property {Record<string, any>} config
 * @property {(tag: string) => string} nameOf
 * @property {Words} words
 */

/**
 * Return a column for each word: its likeliest tag with its probability, and whether that is right.
 * @param {ScoresRow} row
 * @param {(tag: string) => string} nameOf
 */
export const columnsOf = ({ tokens, gold, tags, log_probs }, nameOf) => tokens.map((input, i) => {
  const log = log_probs[i].map((value) => value ?? -Infinity), best = log.indexOf(Math.max(...log));
  return { input, outputs: [`${nameOf(tags[best])} ${tags[best] === gold[i] ? "✓" : "✗"}`, percent(Math.exp(log[best]))] };
});

export class Steps {
  /** @param {HTMLElement} host a disclosure */
  constructor(host) {
    this.host = host;
    this.pictures = make("div", "pictures");
    const slider = make("div");
    host.append(make("div", "slider", slider), this.pictures);
    /** @type {Lesson | null} */
    this.lesson = null;
    /** @type {Map<string, UnrolledNetwork>} by tagger and sentence */
    this.networks = new Map();
    this.player = player(slider, { label: "", play: "", pause: "", perSecond: 1, presenter: true, show: (at) => this.draw(at) });
  }

  /** @param {Lesson} lesson */
  show(lesson) {
    const rows = Object.values(lesson.scores).flat(), isAnother = this.lesson?.config !== lesson.config, { words } = lesson;
    this.host.hidden = !rows.length || rows.some(({ tokens }) => tokens.length > MAX_WORDS);
    if (this.host.hidden) return;
    this.lesson = lesson;
    const keys = Object.entries(lesson.scores).flatMap(([who, found]) => found.map((_, i) => `${who} ${i}`));
    if (keys.join() !== [...this.networks.keys()].join()) {
      const hosts = keys.map(() => make("div", "picture"));
      this.networks = new Map(keys.map((key, i) => [key, new UnrolledNetwork(hosts[i])]));
      this.pictures.replaceChildren(...hosts);
    }
    this.player.words({ label: words["steps.at"], play: words["steps.play"], pause: words["steps.pause"] });
    const steps = Math.max(...keys.map((key) => stepsOf(this.networkOf(key))));
    this.player.count(steps);
    this.player.set(isAnother ? steps - 1 : this.player.value);
  }

  /** @param {string} key a tagger and a sentence */
  networkOf(key) {
    const { scores, config, nameOf } = this.lesson, [who, i] = key.split(" "), row = scores[/** @type {Who} */ (who)][Number(i)];
    const isRecurrent = who === "own" && config.model !== NO_RECURRENCE;
    return { row, columns: columnsOf(row, nameOf), isRecurrent, directions: isRecurrent && config.bidirectional ? 2 : 1, layers: isRecurrent ? Number(config.num_layers) : 0, hasCell: isRecurrent && config.model === LSTM };
  }

  /** @param {number} reached the steps that are done, from 0 */
  draw(reached) {
    if (!this.lesson) return;
    const { words } = this.lesson;
    for (const [key, network] of this.networks) {
      const { row, ...shape } = this.networkOf(key), { columns, directions, isRecurrent, hasCell } = shape;
      const way = (/** @type {boolean} */ reverse) => (directions === 1 ? "" : ` ${words[reverse ? "steps.backward" : "steps.forward"]}`);
      const tags = columns.map(({ input, outputs }) => `${input} ${outputs.join(" ")}`).join(", ");
      network.show({
        ...shape, reached,
        texts: {
          picture: fill(words["steps.picture"], { sentence: row.tokens.join(" "), tags }), hint: words[isRecurrent ? (directions === 2 ? "steps.hint_both" : "steps.hint") : "steps.hint_none"],
          cell: hasCell ? words["steps.cell"] : "", input: words["steps.input"], output: words["steps.output"], linear: words["steps.linear"],
          row: (layer, reverse) => fill(words["steps.row"], { layer: layer + 1, way: way(reverse) }),
          told: (layer, reverse) => fill(words["steps.told"], { layer: layer + 1, way: way(reverse) }),
        },
      });
    }
  }
}
