// @ts-check
// The other two cells, trained like the run that is opened: what it takes, the button, how far it is, and Stop. It goes
// on as long as this page is open and asks for nothing else of the kind; the epochs that are whole stay.

import { LongRequest } from "../../frontend/lib/long_answer.js";
import { number, whole } from "../../frontend/lib/numbers.js";
import { joinSentences, language, withWords } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { OtherCellsValue, Words } from "../../frontend/types.d.ts" */

/**
 * Say what was trained alike, and what can be.
 * @param {OtherCellsValue} value
 * @param {Words} words
 */
export function othersSentences(value, words) {
  if (value.reason) return [words["others.cannot"], value.reason];
  const { trained, epochs, last } = value, facts = {
    cells: value.cells.join(words["others.and"]), trained: whole(trained), epochs: whole(epochs), last: whole(last),
    seconds: number(Math.max(1, value.seconds), 2), most: whole(value.most_seconds),
  };
  const so_far = trained >= epochs ? "done" : trained >= 0 ? "partly" : "offer";
  return [
    fill(words[`others.${so_far}`], facts),
    trained < epochs ? fill(words["others.cost"], facts) : "",
    epochs < last ? fill(words["others.bounded"], facts) : "",
  ];
}

export class OtherCells {
  /**
   * @param {(name: string) => any} role
   * @param {() => void} changed called when there are more epochs of them
   */
  constructor(role, changed) {
    this.role = role;
    this.changed = changed;
    this.request = new LongRequest(0);
    this.run = ""; // whose other cells are being trained
    this.share = 0;
    this.message = "";
    /** @type {OtherCellsValue | null} */
    this.value = null;
    role("others-train").addEventListener("click", () => this.train());
    role("others-stop").addEventListener("click", () => this.stop(true));
  }

  /** @param {OtherCellsValue | null} value null: another comparison is shown @param {{ key: string, run: string }} opened */
  show(value, opened) {
    if (this.run && this.run !== opened.run) this.stop(false);
    if (value && opened.run !== this.opened?.run) this.message = "";
    this.value = value;
    this.opened = opened;
    this.write();
  }

  train() {
    const { key, run } = this.opened;
    [this.run, this.share, this.message] = [run, 0, ""];
    this.request.start(`lab/inside/${key}/others?${new URLSearchParams({ lang: language() })}`, (share) => { this.share = share; this.write(); }, ({ status, body }) => {
      this.run = "";
      withWords("inside_gradient", (words) => {
        this.message = status === 200 ? "" : body?.message ?? words[status === 409 ? "others.elsewhere" : "others.lost"];
        this.write();
      });
      this.changed();
    });
    this.write();
    this.role("others-stop").focus();
  }

  /** @param {boolean} pressed by the visitor, or because another run is opened */
  stop(pressed) {
    this.request.cancel();
    this.run = "";
    this.write();
    if (!pressed) return;
    this.role("others-train").focus();
    this.changed();
  }

  write() {
    const { value, role } = this, isRunning = this.run !== "";
    role("others").hidden = !value;
    if (!value) return;
    withWords("inside_gradient", (words) => {
      const cells = value.cells?.join(words["others.and"]);
      const text = isRunning ? fill(words["others.running"], { cells }) : joinSentences([this.message, ...othersSentences(value, words)]);
      if (role("others-text").textContent !== text) role("others-text").textContent = text;
      role("others-train").textContent = fill(words[value.trained >= 0 ? "others.more" : "others.train"], { epochs: whole(value.epochs ?? 0) });
    });
    role("others-train").hidden = isRunning || Boolean(value.reason) || value.trained >= value.epochs;
    role("others-stop").hidden = role("others-share").hidden = !isRunning;
    role("others-share").value = this.share;
  }
}
