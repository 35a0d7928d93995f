// @ts-check
// What the surprise panel asks for, and what it says of the epoch that it shows, and of each part of the text.

import { decimal, whole } from "../../frontend/lib/numbers.js";
import { language } from "../../frontend/lib/page.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { SurpriseValue, SurpriseWindow, Words } from "../../frontend/types.d.ts" */

/** @param {SurpriseValue} value @param {Words} words */
export function statusOf(value, words) {
  const { epoch, wanted, source, replay } = value;
  const at = epoch === 0 && source !== "final" ? words.untrained : fill(words[source], { n: whole(epoch) });
  if (source === "final" || epoch === wanted) return at ?? "";
  const key = { possible: "nearest_until", too_long: "nearest_long" }[replay] ?? "nearest";
  return `${at} ${fill(words[key], { wanted: whole(wanted), seconds: whole(value.replay_seconds) })}`;
}

/** Write over and under a part which tokens are shown, and how unexpected they are on average. */
/** @param {(name: string) => any} role an element of the part @param {SurpriseWindow | null} window @param {Words} words */
export function writePart(role, window, words) {
  const last = window ? Math.min(window.shown, window.start + window.window) : 0, mean = window?.mean_bits;
  role("mean").textContent = mean === null || mean === undefined ? "" : fill(words.mean, { bits: decimal(mean) });
  role("pages").hidden = !window || window.total <= window.window;
  if (!window) return;
  const facts = { first: whole(window.start + 1), last: whole(last), shown: whole(window.shown) };
  role("window").textContent = fill(words[window.shown < window.total ? "window_part" : "window"], facts);
  role("earlier").disabled = window.start === 0;
  role("later").disabled = last === window.shown;
}

/**
 * @param {number | null} epoch null for the last one
 * @param {Record<string, number>} starts the first token of each part's window
 * @param {boolean} isKnown whether the text itself is on the page
 */
export function queryOf(epoch, starts, isKnown) {
  const query = new URLSearchParams({ training: `${starts.training}`, held_out: `${starts.held_out}`, lang: language() });
  if (epoch !== null) query.set("epoch", `${epoch}`);
  if (isKnown) query.set("bare", "");
  return query;
}
