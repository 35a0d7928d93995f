// @ts-check
// The songs of the live panel: those of the handle's epoch, beside them those of a second epoch, and the characters of
// the prefixes that the text lacks. Copied runs are underlined, and show where they stand in the text. Texts that a
// model wrote are set as text.

import { percent } from "../../frontend/lib/numbers.js";
import { make, queryAll } from "../../frontend/lib/page.js";
import { direction, fill, languageOfScript, lineElement, visible } from "../../frontend/lib/text.js";
import { ExactSongs } from "./exact_songs.js";
import { PassageBox } from "./passage_box.js";
import { RecordedSongs } from "./recorded_songs.js";
import { commonBeginning, songLines, songsAt } from "./song_text.js";

/** @import { EpochRow, Moment, ProgressRow, TrainPayload, UntrainedRow, Words } from "../../frontend/types.d.ts" */

/** @typedef {Pick<EpochRow, "epoch" | "samples" | "copied_share" | "longest_copied" | "copied_runs">} SongsOfEpoch */
/** @typedef {SongsOfEpoch & { within?: { epoch: number, step: number } }} SongsRow `within` an epoch, their own is -1 */

/** Samples within an epoch. @param {ProgressRow} row @returns {SongsRow} */
const interimRow = ({ epoch, step, samples, copied_share, longest_copied, copied_runs }) => (
  { epoch: -1, within: { epoch, step }, samples, copied_share, longest_copied, copied_runs }
);

/** Shows songs in `songs`, under the `heading` and what is copied in them, and unknown characters in `missing`. */
export class Songs {
  /** @param {{ songs: HTMLElement, heading: HTMLElement, missing: HTMLElement, copied: HTMLElement, passage: HTMLElement }} parts */
  constructor({ songs, heading, missing, copied, passage }) {
    this.element = songs;
    this.heading = heading;
    this.missing = missing;
    this.copied = copied;
    this.passage = new PassageBox(passage);
    /** @type {Words} */
    this.words = {};
    this.reference = "";
    /** @type {number | null} the length of a copied run at least */
    this.least = null;
    /** @type {Map<number, SongsRow>} by epoch, those with songs; 0: of the untrained model */
    this.rows = new Map();
    /** @type {SongsRow | null} samples within an epoch, which are newer than those of the last one */
    this.interim = null;
    this.firstSample = 0;
    this.kept = 0; // the first epoch whose songs the page was sent
    /** @type {RecordedSongs<SongsRow> | null} */
    this.recorded = null;
    /** @type {ExactSongs<SongsRow> | null} */
    this.exact = null;
    /** @type {Moment | null} what is shown */
    this.moment = null;
    this.details = make("details");
    /** @type {unknown} what is drawn: the same is not drawn again, so that what has the focus keeps it */
    this.drawn = null;
    this.element.addEventListener("keydown", (event) => this.walk(event));
    this.element.addEventListener("scroll", () => this.passage.hide());
  }

  /** Begin the songs of a run; those of the run before stay, dimmed, until there are new ones. */
  /** @param {TrainPayload} run @param {Words} words @param {boolean} isAnother @param {string} reference */
  begin(run, words, isAnother, reference) {
    const hasOldSongs = (this.element.querySelector("p") && isAnother) || this.element.hasAttribute("data-before");
    Object.assign(this, { words, reference, least: run.min_copied, firstSample: run.first_sample });
    [this.rows, this.interim, this.drawn] = [new Map(), null, null];
    if (hasOldSongs) this.element.setAttribute("data-before", "");
    this.element.setAttribute("aria-label", words.songs ?? "");
    this.showMissing(run.untrained);
    for (const row of [run.untrained, ...run.epoch_rows]) this.add(row);
    this.kept = run.epoch_rows.find((row) => row.samples?.length)?.epoch ?? 0;
    this.recorded?.close();
    this.exact?.close();
    this.recorded = new RecordedSongs(reference, (recorded) => this.receive(recorded));
    this.exact = new ExactSongs(reference, (row) => this.receive(row));
    if (run.interim) this.addInterim(run.interim);
  }

  /** @param {SongsRow | UntrainedRow | null} row of an epoch, or of the untrained model */
  add(row) {
    if (!row?.samples?.length) return;
    this.rows.set(row.epoch, row);
    this.interim = null;
  }

  /** @param {ProgressRow} row within an epoch */
  addInterim(row) {
    if (row.samples?.length) this.interim = interimRow(row);
  }

  /** @param {UntrainedRow | null} row */
  showMissing(row) {
    const characters = (row?.missing ?? []).map(visible).join(" ");
    this.missing.hidden = !characters;
    this.missing.textContent = characters && fill(this.words.missing, { characters });
  }

  /** Show the songs of the handle's epoch, or the last ones before it; at "now" the newest. @param {Moment} moment */
  show(moment) {
    const { epoch, other, now } = this.moment = moment;
    const isNow = epoch >= now, row = (isNow && this.interim) || songsAt(this.rows, epoch);
    this.recorded?.want([epoch, other].filter((at) => at !== null && at > 0 && at < this.kept && !this.rows.has(at)));
    if (this.firstSample) this.exact?.want([epoch, other].filter((at) => at !== null && at > 0 && at < now && !this.rows.has(at)));
    const beside = other === null ? null : songsAt(this.rows, other);
    const drawn = [this.words, row, beside, other === null, isNow, isNow || epoch, this.rows.get(0)];
    if (Array.isArray(this.drawn) && drawn.every((part, i) => part === /** @type {unknown[]} */ (this.drawn)[i])) return;
    this.drawn = drawn;
    this.passage.hide();
    if (!row) return this.showNone(isNow);
    this.element.removeAttribute("data-before");
    this.element.toggleAttribute("data-beside", other !== null);
    this.heading.textContent = other === null ? this.headingOf(row, epoch, isNow) : this.comparison(row, beside);
    this.copied.textContent = other === null ? this.copiedText(row) : "";
    if (other === null) this.element.replaceChildren(...this.songsOf(row), ...(isNow && row.epoch ? this.untrained() : []));
    else this.element.replaceChildren(...this.sideBySide(row, beside));
  }

  /** The page was sent the last epochs' songs only; this one is from the run's recording. @param {SongsRow} row */
  receive(row) {
    if (!this.rows.has(row.epoch)) this.rows.set(row.epoch, row);
    if (this.moment?.reference === this.reference) this.show(this.moment);
  }

  /** @param {SongsRow} row @param {number} epoch @param {boolean} isNow */
  headingOf(row, epoch, isNow) {
    const key = !row.epoch ? "songs.untrained" : isNow ? "songs" : row.epoch < epoch ? "songs.at_before" : "songs.at";
    return fill(this.words[key], { n: row.epoch, epoch });
  }

  /** There are no songs yet, none in this run, or none any more. @param {boolean} isNow */
  showNone(isNow) {
    const isOld = this.element.hasAttribute("data-before") && isNow;
    this.heading.textContent = this.words[isOld ? "songs.before" : "songs"];
    this.copied.textContent = "";
    if (isOld) return;
    const key = !this.firstSample ? "no_samples" : isNow ? "no_songs" : "songs.dropped";
    this.element.textContent = fill(this.words[key], { n: this.firstSample });
  }

  /** Remove what says that the first song is to come: the run has ended before. */
  end() {
    if (!this.rows.size && !this.element.hasAttribute("data-before")) this.element.textContent = "";
  }

  /** @param {SongsRow} row */
  copiedText({ copied_share, longest_copied }) {
    if (copied_share === null || copied_share === undefined) return "";
    const key = longest_copied ? "copied.share" : "copied.nothing";
    const least = this.least ? fill(this.words["copied.least"], { n: this.least }) : "";
    return fill(this.words[key], { share: percent(copied_share), longest: longest_copied }) + least;
  }

  // --- elements ---

  /** What it wrote before training, closed, to compare with. */
  untrained() {
    const row = this.rows.get(0), { open } = this.details;
    if (!row) return [];
    this.details = make("details", "", make("summary", "", this.words["songs.untrained"]), ...this.songsOf(row));
    this.details.open = open;
    return [this.details];
  }

  /** @param {SongsRow} row @param {SongsRow | null} [beside] */
  songsOf(row, beside = null) {
    return row.samples.map((_, number) => this.song(row, number, beside && (beside.samples[number] ?? "")));
  }

  /**
   * Its lines are blocks, and an empty one has a <br>, so that it is copied with its line ends.
   * @param {SongsRow} row @param {number} number of the song @param {string | null} other
   */
  song(row, number, other) {
    const text = row.samples[number], song = make("p");
    song.lang = languageOfScript(text);
    for (const line of songLines(text, row.copied_runs?.[number] ?? [], other)) {
      const node = lineElement(line.map((stretch) => stretch.text).join(""), direction(text));
      node.append(...line.map((stretch) => this.stretch(stretch, row, number)));
      if (!line.length) node.append(document.createElement("br"));
      song.append(node, "\n");
    }
    return song;
  }

  /** @param {import("./song_text.js").Stretch} stretch @param {SongsRow} row @param {number} number of the song */
  stretch({ text, run, differs }, row, number) {
    if (run < 0 && !differs) return text;
    const node = make("span", `${run < 0 ? "" : "copied"} ${differs ? "differs" : ""}`.trim(), text);
    if (run < 0) return node;
    const { epoch, step } = { step: 0, epoch: row.epoch, ...row.within };
    const address = `lab/${this.reference}/passage?epoch=${epoch}&song=${number}&run=${run}&step=${step}`;
    const show = () => this.passage.show(node, address, this.words);
    Object.assign(node, { role: "button", tabIndex: this.isFirst() ? 0 : -1, title: this.words["copied.where"] ?? "", onclick: show });
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      show();
    });
    return node;
  }

  /** Of all runs the Tab key reaches one; the arrow keys reach the others. */
  isFirst() {
    const first = this.reached !== this.drawn;
    this.reached = this.drawn;
    return first;
  }

  /** @param {KeyboardEvent} event */
  walk(event) {
    const step = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 })[event.key];
    const all = [...queryAll(this.element, ".copied")].filter((node) => node.getClientRects().length);
    const at = all.findIndex((node) => node === document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
    [all[at].tabIndex, next.tabIndex] = [-1, 0];
    next.focus();
  }

  /** @param {SongsRow} row of handle A @param {SongsRow | null} beside of handle B */
  sideBySide(row, beside) {
    const column = (/** @type {string} */ name, /** @type {SongsRow} */ own, /** @type {SongsRow} */ other) => {
      const key = own.epoch > 0 ? "songs.side" : own.epoch ? "songs.side_now" : "songs.side_untrained";
      const share = own.copied_share ?? null;
      return make("section", "", make("h3", "", fill(this.words[key], { name, n: own.epoch })),
        make("small", "", share === null ? "" : fill(this.words["copied.short"], { share: percent(share) })), ...this.songsOf(own, other));
    };
    if (!beside) return [...this.songsOf(row), make("p", "none", this.words["songs.dropped"])];
    return [column("A", row, beside), column("B", beside, row)];
  }

  /** How far the songs of both handles are the same. @param {SongsRow} row @param {SongsRow | null} beside */
  comparison(row, beside) {
    const others = beside?.samples ?? [], same = row.samples.map((song, i) => commonBeginning(song, others[i] ?? ""));
    const isSame = row.samples.every((song, i) => song === others[i]);
    return isSame ? this.words["songs.equal"] : fill(this.words["songs.same"], { n: same.join(" / ") });
  }
}
