// @ts-check
// A panel that follows a run: its whole payload once, then server-sent events with what is new.

import { answerOf } from "./answer.js";
import { language, onChange, plotly } from "./page.js";
import { PAUSES, Retries, showTrouble, troubleOf } from "./retries.js";

/** @import { RunNews, RunPayload } from "../types.d.ts" */

const REFUSED = 503; // a stream: its status is not known

/**
 * @template {RunPayload} P
 * @template {RunNews} N
 * @typedef {object} Hooks
 * @property {(payload: P, reference: string) => void | Promise<void>} picture draws a run from nothing
 * @property {(news: N) => void | Promise<void>} news adds what is new
 * @property {(news: N) => boolean} [stale] tells whether the run must be drawn from nothing instead
 * @property {() => void} [lost] the connection is lost, for now
 * @property {(how: "serverFailed" | "serverAway" | null) => void} [trouble] the server fails each time, or does not answer
 * @property {(refused?: string) => void} [gone] the run no longer exists, or others may not watch it (`watch.js`), for
 *   this reason; the default one is shown instead
 */

/**
 * Split a panel's value. What follows "?" only makes a value new, except "?back": the run that this browser had before
 * a reload, which does not replace one that was started while the page was loading.
 * @param {string | null | undefined} value "runs/<id>", "lessons/<name>" or "curves/<name>", and "?…"
 */
export function parseReference(value) {
  const [reference, suffix] = value?.split("?") ?? [];
  return { reference: reference ?? "", isReturn: suffix === "back" };
}

/**
 * Follow the run that a panel's value names. `lab/<reference>` has the whole payload, `lab/<reference>/events` the news
 * from its cursor on. The tab's data-run is the run's state; `page.css` shows the buttons that make sense in it.
 * A hidden page says so, and the server may let its stream rest: a browser has six connections for all of its pages
 * (`server/stream_limit.py`).
 * @template {RunPayload} P
 * @template {RunNews} N
 * @param {HTMLElement} element
 * @param {Hooks<P, N>} hooks
 * @param {string} home the reference of the default run
 * @param {() => Promise<unknown>} prepare what a drawing needs besides the payload
 * @returns {(value: string | null | undefined) => Promise<void>} call it with each new value
 */
export function followRun(element, hooks, home = "", prepare = plotly) {
  /** @type {EventSource | null} */
  let source = null;
  let current = "", shown = ""; // the references of what is wanted, and of what was drawn last
  const whole = new Retries(), streams = new Retries([0, ...PAUSES]); // of payloads, and of streams that the server has refused
  const trouble = hooks.trouble ?? ((/** @type {"serverFailed" | "serverAway" | null} */ how) => showTrouble(element, how));
  let attempt = 0; // counts what has been attached; an older one must not draw over a newer one
  /** @type {Promise<unknown>} */
  let drawn = Promise.resolve();
  /** @param {string} state */
  const markTab = (state) => {
    const tab = /** @type {HTMLElement | null} */ (element.closest("[role=tabpanel]"));
    if (tab) tab.dataset.run = state;
  };

  // Drawings happen one after the other, and one that has been overtaken is left out. A failing one is reported, and
  // the next is drawn all the same.
  /** @param {number} mine @param {() => unknown} draw */
  const inTurn = (mine, draw) => {
    const turn = drawn.then(() => mine === attempt && draw());
    drawn = turn.catch(() => {});
    return turn.then(); // a promise of its own, whose failure nobody has caught yet
  };

  /** @param {string | null | undefined} value @returns {Promise<void>} */
  async function attach(value) {
    const { reference, isReturn } = parseReference(value);
    if (isReturn && current.startsWith("runs/")) return;
    whole.reset();
    streams.reset();
    await load(reference);
  }

  /** @param {string} reference @returns {Promise<void>} */
  async function load(reference) {
    const mine = ++attempt;
    source?.close();
    current = reference;
    if (!reference) return;
    const isReady = prepare().then(() => true, () => false);
    const seen = reference === shown && reference.startsWith("watched/") ? "&again" : "";
    const { status, body: payload } = await answerOf(`lab/${reference}?lang=${language()}${seen}`);
    const found = (await isReady) ? status : 0;
    if (mine !== attempt) return;
    if (found === 0 || found >= 500 || !payload) return again(found, whole, mine, reference); // it may be restarting
    whole.reset();
    if (!streams.isLong) trouble(null);
    if (found !== 200 || payload.refused) return void (await showHome(payload, reference));
    await inTurn(mine, async () => {
      await hooks.picture(payload, reference);
      markTab(payload.state);
      shown = reference;
    });
    if (payload.live && mine === attempt) listen(reference, payload.cursor, mine);
  }

  /**
   * Load the run again after a pause, unless the server has failed too often.
   * @param {number} status 0: it did not answer
   * @param {Retries} retries
   * @param {number} mine
   * @param {string} reference
   */
  function again(status, retries, mine, reference) {
    const pause = retries.next(status);
    if (pause === null || retries.isLong) trouble(troubleOf(status));
    if (pause === null) return;
    if (pause) hooks.lost?.();
    setTimeout(() => mine === attempt && load(reference), pause);
  }

  /** @param {{ state: string, refused?: string }} refusal @param {string} reference */
  async function showHome({ state, refused }, reference) {
    if (state !== "gone" || !home || reference === home) return;
    await attach(home);
    if (current === home) hooks.gone?.(refused);
  }

  /** @param {string} reference @param {string | number} cursor @param {number} mine */
  function listen(reference, cursor, mine) {
    let latest = cursor, resting = false;
    /** @type {EventSource} */
    let stream;
    const open = () => {
      stream?.close();
      const away = document.hidden ? "&away" : "";
      source = stream = new EventSource(`lab/${reference}/events?cursor=${latest}&lang=${language()}${away}`);
      stream.onmessage = receive;
      stream.onerror = recover;
    };
    /** @param {MessageEvent} message */
    const receive = (message) => { // a watched run that is gone is asked for as a whole, whose answer says why
      const news = JSON.parse(message.data);
      latest = message.lastEventId;
      resting = news.rest;
      streams.reset();
      trouble(null);
      if (news.last || news.gone) end();
      if (news.gone) load(reference);
      else inTurn(mine, async () => {
        if (hooks.stale?.(news)) return void load(reference); // not awaited: its turn comes after this one
        await hooks.news(news);
        markTab(news.state);
      });
    };
    const recover = () => {
      if (mine !== attempt) return;
      if (stream.readyState === EventSource.CLOSED) again(REFUSED, streams, mine, reference); // ask for the whole again
      else if (resting) resting = false;
      else hooks.lost?.();
    };
    const onVisibility = () => (mine === attempt && stream.readyState !== EventSource.CLOSED ? open() : end());
    const end = () => {
      if (stream.readyState !== EventSource.CLOSED) stream.close();
      document.removeEventListener("visibilitychange", onVisibility);
    };
    open();
    document.addEventListener("visibilitychange", onVisibility);
  }

  onChange(["language", "theme", "projector"], () => attach(current));
  return attach;
}
