// @ts-check
// The list of the visitor's earlier runs under the curve: each can be named, removed, made the current run again, and
// drawn as a thin line behind the curve, with its name at its right end.

import { traceOf } from "../../frontend/lib/bounds.js";
import { inThemeColors } from "../../frontend/lib/figures.js";
import { number } from "../../frontend/lib/numbers.js";
import { attachment, language, make, withWords, writeWords } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";
import { growAxis } from "./axis.js";
import { MAX_NAME, added, changed, onOtherTab, readRuns, removed, writeRuns } from "./earlier_list.js";

/** @import { Plot, Points, RunSummary, Trace, TrainPayload, Words } from "../../frontend/types.d.ts" */
/** @import { EarlierRun } from "./earlier_list.js" */

const UID = "earlier-"; // the beginning of the uids of their traces
const THIN = { width: 1.75, opacity: 0.5 };

/** @param {string} reference @returns {string} the id of a run; "" of a recorded curve */
const idOf = (reference) => (reference.startsWith("runs/") ? reference.slice("runs/".length) : "");

export class Earlier {
  /**
   * @param {Record<string, any>} parts elements of the panel by role
   * @param {{ redraw: () => void, choose: (id: string) => void }} hooks
   */
  constructor(parts, hooks) {
    this.parts = parts;
    this.hooks = hooks;
    this.runs = readRuns() ?? [];
    this.current = "";
    /** @type {Words} */
    this.words = {};
    /** @type {TrainPayload | null} */
    this.run = null;
    /** @type {Map<string, RunSummary | "gone">} */
    this.summaries = new Map();
    parts.earlier.addEventListener("toggle", () => this.refresh());
    onOtherTab(() => {
      this.runs = readRuns() ?? this.runs;
      this.refresh();
    }, attachment("earlier"));
  }

  /**
   * Follow the run that the panel draws: it is the newest of the list, and the one that the others are compared with.
   * @param {string} reference
   * @param {TrainPayload} run
   */
  follow(reference, run) {
    Object.assign(this, { current: idOf(reference), run });
    this.runs = readRuns() ?? this.runs; // another tab of this browser may have added one
    if (this.current) this.#keep(added(this.runs, this.current));
    this.summaries.clear();
    withWords("earlier", (words) => {
      this.words = words;
      writeWords(this.parts.earlier, words);
      this.refresh();
    });
  }

  /** Ask for the figures of the runs that are seen, and draw the list and the lines anew. */
  async refresh() {
    const wanted = this.runs.filter(({ shown }) => shown || this.parts.earlier.open);
    this.#list();
    const before = this.current, answers = wanted.filter(({ id }) => !this.#isKnown(id)).map(async ({ id }) => {
      const query = `?beside=${encodeURIComponent(this.current)}&lang=${language()}`;
      const response = await fetch(`lab/runs/${encodeURIComponent(id)}/summary${query}`).catch(() => /** @type {null} */ (null));
      if (!response || (!response.ok && response.status !== 404) || before !== this.current) return;
      this.summaries.set(id, response.ok ? await response.json() : "gone");
    });
    if (!answers.length) return;
    await Promise.all(answers);
    if (before !== this.current) return;
    this.#list();
    if (this.runs.some(({ shown }) => shown)) this.hooks.redraw();
  }

  /** Ask for the current run's figures again: it has ended. */
  ended() {
    if (!this.summaries.delete(this.current)) return;
    this.refresh();
  }

  /** @param {string} id */
  #isKnown(id) {
    const known = this.summaries.get(id);
    return known === "gone" || (known !== undefined && (known.over || id === this.current));
  }

  /** @param {EarlierRun[]} runs */
  #keep(runs) {
    this.runs = runs;
    writeRuns(runs);
  }

  /** @param {EarlierRun} run */
  nameOf = ({ name, n }) => name || fill(this.words.default_name, { n });

  /** @param {RunSummary} summary whether its perplexities are over the same vocabulary as the current run's */
  #compares = ({ uniform }) => !uniform || !this.run?.uniform || uniform === this.run.uniform;

  /** @returns {boolean} whether a run is drawn behind the curve @param {string} reference */
  isShown(reference) {
    return this.runs.some(({ id, shown }) => shown && id === idOf(reference) && id !== this.current);
  }

  /**
   * Put the lines of the runs that are shown into a figure, in place of those that it has; the lines are hidden and
   * shown with those of the current run.
   * @param {Trace[]} data
   * @param {Record<string, any>} layout
   */
  draw(data, layout) {
    const { meta } = layout;
    const kept = data.filter(({ uid }) => !uid.startsWith(UID));
    data.splice(0, data.length, ...kept);
    for (const uid of Object.keys(meta.ends)) if (uid.startsWith(UID)) delete meta.ends[uid];
    for (const run of this.runs) {
      const known = this.summaries.get(run.id);
      if (!run.shown || run.id === this.current || !known || known === "gone" || !this.#compares(known)) continue;
      const line = { color: known.color, width: THIN.width }, name = this.nameOf(run);
      this.#add(data, meta, `${UID}${run.n}`, name, known.curve, { line, meta: { unseen: false } });
      const heldOut = { line: { ...line, dash: "dash" }, meta: { unseen: true } };
      if (known.has_held_out) this.#add(data, meta, `${UID}${run.n}-held-out`, fill(this.words.held_out_of, { name }), known.held_out_curve, heldOut);
    }
    this.#makeRoom(data, layout);
  }

  /** Let the axis reach the end of the longest line that is shown. @param {Trace[]} data @param {Record<string, any>} layout */
  #makeRoom(data, layout) {
    const before = layout.meta.beside ?? 0, lasts = data.filter(({ uid }) => uid.startsWith(UID)).map(({ x }) => x[x.length - 1]);
    layout.meta.beside = Math.max(0, ...lasts);
    const own = ["minibatch", "training"].map((uid) => traceOf(data, uid)?.x?.at(-1) ?? 0);
    if (before || lasts.length) growAxis(/** @type {Plot} */ (/** @type {unknown} */ ({ layout })), Math.max(...own), this.run.epochs);
  }

  /** @param {Trace[]} data @param {any} meta @param {string} uid @param {string} name @param {Points} points @param {Record<string, any>} look */
  #add(data, meta, uid, name, { x, y }, look) {
    if (!x.length) return;
    const within = y.map((value) => (value !== null && value <= meta.ceiling ? value : null));
    const trace = { uid, name, x, y: within, mode: "lines", type: "scatter", opacity: THIN.opacity, hoverinfo: "skip", ...look };
    data.push(inThemeColors(trace, this.run.dark_colors));
    meta.ends[uid] = { x: x[x.length - 1], y: y[y.length - 1], text: "", minor: false };
  }

  // --- the list ---

  #list() {
    const { earlier, earlier_heading: heading, earlier_rows: rows } = this.parts;
    const others = this.runs.filter(({ id }) => id !== this.current).length;
    earlier.hidden = !others;
    heading.textContent = fill(this.words.heading_of, { n: others });
    if (rows.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement && document.activeElement.type === "text") return; // somebody is writing a name
    const focused = /** @type {HTMLElement | null} */ (rows.contains(document.activeElement) ? document.activeElement : null)?.dataset.key;
    rows.replaceChildren(...this.runs.map((run) => this.#row(run)));
    if (focused) rows.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  /** @param {EarlierRun} run */
  #row(run) {
    const known = this.summaries.get(run.id), name = this.nameOf(run), isCurrent = run.id === this.current;
    const facts = known && known !== "gone" ? known : null;
    const can = { show: !isCurrent && facts !== null && this.#compares(facts), choose: !isCurrent && facts !== null, remove: !isCurrent };
    const row = make("tr", isCurrent ? "current" : "",
      this.#cell("show", this.#checkbox(run, name, can.show)),
      this.#cell("name", this.#nameField(run, name)),
      this.#cell("model", facts?.model ?? ""),
      this.#cell("differs", this.#differs(known, isCurrent)),
      this.#cell("epochs", facts ? number(facts.epochs, 6) : ""),
      this.#cell("perplexity", this.#figure(facts, "perplexity")),
      this.#cell("held_out", facts?.has_held_out === false ? "–" : this.#figure(facts, "held_out")),
      this.#cell("actions",
        ...(can.choose ? [this.#button(run, "choose", name, () => this.hooks.choose(run.id))] : []),
        ...(can.remove ? [this.#button(run, "remove", name, () => this.#remove(run))] : [])),
    );
    if (facts) row.title = facts.title;
    return row;
  }

  /** @param {RunSummary | null} facts @param {"perplexity" | "held_out"} what */
  #figure = (facts, what) => (facts?.epochs ? number(facts[what], 4) : facts ? "–" : "");

  /** @param {string} kind @param {...(Node | string)} children */
  #cell(kind, ...children) {
    const cell = make("td", kind, ...children);
    cell.dataset.label = this.words[kind] ?? "";
    return cell;
  }

  /** @param {RunSummary | "gone" | undefined} known @param {boolean} isCurrent */
  #differs(known, isCurrent) {
    if (known === "gone") return this.words.gone;
    if (!known) return "";
    if (isCurrent) return this.words.current;
    if (!this.current) return known.title;
    const texts = known.differences.map(([field, value, other]) => fill(this.words.difference, { field, value, other }));
    if (!this.#compares(known)) texts.push(this.words.another_vocabulary);
    return texts.join(" · ") || this.words.same;
  }

  /** @param {EarlierRun} run @param {string} name @param {boolean} isEnabled */
  #checkbox(run, name, isEnabled) {
    const box = Object.assign(make("input"), { type: "checkbox", checked: run.shown && isEnabled, disabled: !isEnabled });
    box.dataset.key = `show-${run.n}`;
    box.setAttribute("aria-label", fill(this.words.show_of, { name }));
    box.addEventListener("change", () => {
      this.#keep(changed(this.runs, run.id, { shown: box.checked }));
      this.hooks.redraw();
    });
    return box;
  }

  /** @param {EarlierRun} run @param {string} name */
  #nameField(run, name) {
    const field = Object.assign(make("input"), { type: "text", value: name, maxLength: MAX_NAME });
    field.dataset.key = `name-${run.n}`;
    field.setAttribute("aria-label", fill(this.words.name_of, { name }));
    field.addEventListener("change", () => {
      const given = field.value.trim();
      this.#keep(changed(this.runs, run.id, { name: given === fill(this.words.default_name, { n: run.n }) ? "" : given }));
      this.hooks.redraw();
    });
    field.addEventListener("keydown", ({ key }) => { if (key === "Enter") field.blur(); });
    field.addEventListener("blur", () => setTimeout(() => this.#list()));
    return field;
  }

  /** @param {EarlierRun} run @param {"choose" | "remove"} what @param {string} name @param {() => void} act */
  #button(run, what, name, act) {
    const button = Object.assign(make("button", "", this.words[what]), { type: "button" });
    button.dataset.key = `${what}-${run.n}`;
    button.setAttribute("aria-label", fill(this.words[`${what}_of`], { name }));
    button.addEventListener("click", act);
    return button;
  }

  /** @param {EarlierRun} run */
  #remove(run) {
    this.#keep(removed(this.runs, run.id));
    this.summaries.delete(run.id);
    this.#list();
    if (run.shown) this.hooks.redraw();
  }
}
