// @ts-check
// The box that says where a copied run of a song stands in the training text. The server answers by the numbers of
// epoch, song and run, and from the text of that run of training alone.

import { attachment, make } from "../../frontend/lib/page.js";
import { passageParts } from "../generate/copied.js";

/** @import { Words } from "../../frontend/types.d.ts" */

export class PassageBox {
  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    this.asked = 0;
    const signal = attachment("passage");
    document.addEventListener("pointerdown", ({ target }) => { if (!(target instanceof Node && box.contains(target))) this.hide(); }, { signal });
    document.addEventListener("keydown", ({ key }) => { if (key === "Escape") this.hide(); }, { signal });
  }

  hide() {
    this.asked++;
    this.box.hidden = true;
  }

  /**
   * @param {HTMLElement} node the run, beside which the box appears
   * @param {string} address `lab/<reference>/passage?…`
   * @param {Words} words
   */
  async show(node, address, words) {
    const mine = ++this.asked;
    const answer = await fetch(address).catch(() => /** @type {Response | null} */ (null));
    const place = answer?.ok ? await answer.json() : null;
    if (mine !== this.asked || !node.isConnected) return;
    const found = place && passageParts({ runs: [[0, 0]], passages: [place] }, 0, words);
    this.box.replaceChildren(...(found ?? [make("p", "", words["passage.gone"])]));
    this.box.hidden = false;
    const at = node.getClientRects()[0], own = this.box.getBoundingClientRect();
    const below = at.bottom + own.height + 12 <= innerHeight;
    this.box.style.left = `${Math.max(8, Math.min(innerWidth - own.width - 8, at.left))}px`;
    this.box.style.top = `${below ? at.bottom + 8 : Math.max(8, at.top - own.height - 8)}px`;
  }
}
