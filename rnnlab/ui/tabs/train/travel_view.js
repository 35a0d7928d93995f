// @ts-check
// Time travel on the page: the row under the curve, the marker of each handle on it, dragging on the curve, the keys.
// A change is drawn once a frame at most.

import { number } from "../../frontend/lib/numbers.js";
import { attachment, roles } from "../../frontend/lib/page.js";
import { recall, rememberOnLeave } from "../../frontend/lib/storage.js";
import { fill } from "../../frontend/lib/text.js";
import { drawStrip } from "./copied_strip.js";
import { Sound } from "./sound.js";
import { followKeys } from "./travel_keys.js";
import { followPointer } from "./travel_pointer.js";
import { announce, travel } from "./time_travel.js";

/** @import { EpochRow, Plot, TrainPayload, UntrainedRow, Words } from "../../frontend/types.d.ts" */

const STORAGE_KEY = "rnnlab_epoch";
const ROLES = ["plot", "stage", "strip", "marker_a", "marker_b", "travel", "handle", "other", "where", "play", "compare", "follow", "back", "back_text", "to_now", "hear"];

export class TravelView {
  /** @param {HTMLElement} panel @param {() => void} show draws all that depends on the epoch and is not here */
  constructor(panel, show) {
    const role = roles(panel);
    this.parts = Object.fromEntries(ROLES.map((name) => [name, role(name)]));
    this.show = show;
    /** @type {Words} */
    this.words = {};
    /** @type {Map<number, EpochRow>} */
    this.epochs = new Map();
    /** @type {Map<number, number>} the copied share by epoch */
    this.shares = new Map();
    /** @type {TrainPayload | null} */
    this.drawn = null;
    this.frame = 0;
    travel.saved = recall(STORAGE_KEY);
    const signal = attachment("travel");
    rememberOnLeave(STORAGE_KEY, () => (travel.reference ? travel.toSaved() : null), signal);
    signal.addEventListener("abort", travel.subscribe(() => this.schedule()));
    this.sound = new Sound(this.parts.hear, signal);
    followKeys(panel, this.parts, () => this.valueText(travel.epoch));
    followPointer(this.parts.stage, this.parts.plot);
    this.parts.handle.addEventListener("input", () => travel.go(Number(this.parts.handle.value)));
    this.parts.other.addEventListener("input", () => travel.goOther(Number(this.parts.other.value)));
    this.parts.play.addEventListener("click", () => { travel.play(performance.now()); this.run(); });
    this.parts.compare.addEventListener("click", () => {
      travel.compare();
      this.draw();
      (travel.other === null ? this.parts.compare : this.parts.other).focus();
    });
  }

  /** Begin with a run; after its figure is drawn. @param {TrainPayload} run @param {Words} words @param {string} reference */
  begin(run, words, reference) {
    this.words = words;
    this.drawn = run;
    [this.epochs, this.shares] = [new Map(), new Map()];
    for (const row of [run.untrained, ...run.epoch_rows]) if (row) this.keep(row);
    const stops = [run.untrained, ...run.epoch_rows].filter((row) => row?.samples?.length).map((row) => row.epoch);
    travel.begin(reference, { now: run.last?.epoch ?? 0, planned: run.epochs, stops });
    this.watchPlot();
    this.draw();
  }

  /** @param {EpochRow | UntrainedRow} row */
  keep(row) {
    if (row.kind === "epoch") this.epochs.set(row.epoch, row);
    if (typeof row.copied_share === "number") this.shares.set(row.epoch, row.copied_share);
  }

  /** One more epoch is whole, or the untrained model has written. @param {EpochRow | UntrainedRow} row */
  add(row) {
    this.keep(row);
    if (row.kind === "epoch") travel.advance(row.epoch, row.samples?.length > 0);
  }

  /** The row of an epoch, or the last kept one before it; null: before training. @param {number} epoch @returns {EpochRow | null} */
  rowAt(epoch) {
    for (let at = epoch; at > 0; at--) if (this.epochs.has(at)) return this.epochs.get(at);
    return null;
  }

  schedule() {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.writeRow();
    this.placeMarkers();
    this.show();
    this.sound.show(travel.reference, this.epochs.get(travel.epoch) ?? null, this.drawn);
    announce(travel.moment);
  }

  /** Let it play, a picture at a time. */
  run() {
    if (!travel.played) return;
    travel.tick(performance.now());
    requestAnimationFrame(() => this.run());
  }

  writeRow() {
    const { epoch, other, now, planned, playing } = travel.moment, { handle, where, play, compare, follow, back } = this.parts;
    const isBack = epoch < now, values = { epoch, other, now, epochs: planned };
    this.parts.travel.toggleAttribute("data-beside", other !== null);
    for (const [range, at] of [[handle, epoch], [this.parts.other, other ?? 0]]) {
      range.max = planned;
      range.value = at;
      range.setAttribute("aria-valuetext", this.valueText(at));
    }
    this.parts.other.hidden = other === null;
    const text = fill(this.words[other === null ? "travel.where" : "travel.both"], values);
    where.textContent = text + (isBack ? fill(this.words["travel.now"], values) : "");
    play.dataset.playing = String(playing);
    play.setAttribute("aria-label", this.words[playing ? "travel.pause" : "travel.play"] ?? "");
    play.title = play.getAttribute("aria-label");
    compare.textContent = this.words[other === null ? "travel.compare" : "travel.alone"];
    compare.setAttribute("aria-pressed", String(other !== null));
    follow.disabled = travel.follows;
    back.hidden = !isBack;
    this.parts.back_text.textContent = fill(this.words["travel.looking"], values);
    this.parts.to_now.textContent = fill(this.words["travel.to_now"], values);
  }

  /** @param {number} epoch */
  valueText(epoch) {
    const row = this.rowAt(epoch), key = row ? "travel.value" : "travel.value_untrained";
    return fill(this.words[key], { epoch, epochs: travel.planned, perplexity: row && number(row.perplexity, 3) });
  }

  // --- over the curve ---

  /** The axis has its place after each drawing of the plot. */
  watchPlot() {
    if (this.watched) {
      this.overPlot(); // it was drawn before this run's shares were known
      return;
    }
    this.watched = true;
    const plot = /** @type {Plot} */ (this.parts.plot);
    plot.on("plotly_afterplot", () => this.overPlot());
    plot.on("plotly_relayout", (changes) => { // its buttons let it zoom or move once; then dragging is the handle's again
      if (plot.layout.dragmode && "xaxis.range[0]" in changes) window.Plotly.relayout(plot, { dragmode: false });
    });
    this.overPlot();
  }

  overPlot() {
    this.drawShares();
    this.sizeMarkers();
    this.placeMarkers();
  }

  drawShares() {
    const axis = this.parts.plot._fullLayout?.xaxis;
    if (!axis || !this.parts.plot.offsetWidth) return;
    const shares = [...this.shares].map(([epoch, share]) => ({ epoch, share })).sort((a, b) => a.epoch - b.epoch);
    drawStrip(this.parts.strip, shares, axis, this.words);
  }

  /** The markers' height changes with the plot; a step only moves them, which draws nothing under them anew. */
  sizeMarkers() {
    const { plot, strip, marker_a, marker_b } = this.parts, layout = plot._fullLayout;
    if (!layout?.xaxis || !plot.offsetWidth) return;
    const { yaxis: { _offset: top, _length: height } } = layout;
    const below = strip.getBoundingClientRect(); // without a height where it is hidden, as in projector mode
    const end = below.height ? below.bottom - plot.getBoundingClientRect().top : top + height;
    for (const marker of [marker_a, marker_b]) {
      Object.assign(marker.style, { top: `${plot.offsetTop + top}px`, height: `${end - top}px` });
      marker.style.setProperty("--axis", `${height}px`);
    }
  }

  placeMarkers() {
    const { plot, marker_a, marker_b } = this.parts, axis = plot._fullLayout?.xaxis;
    if (!axis) return;
    const { range: [from, to], _length: width, _offset: left } = axis;
    for (const [marker, epoch, name] of [[marker_a, travel.epoch, "A"], [marker_b, travel.other, "B"]]) {
      const share = epoch === null ? -1 : (epoch - from) / (to - from);
      marker.hidden = !(share >= 0 && share <= 1);
      marker.style.transform = `translateX(${(left + share * width).toFixed(1)}px)`;
      marker.firstElementChild.textContent = travel.other === null ? epoch : `${name} ${epoch}`;
    }
  }
}
