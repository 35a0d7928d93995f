// @ts-check
// A slider that can play, with its button.

import { onPresenterKeys } from "./presenter_keys.js";
import { make } from "./page.js";

/**
 * @typedef {object} PlayerOptions
 * @property {string} label
 * @property {string} play
 * @property {string} pause
 * @property {number} [count] positions
 * @property {number} perSecond positions a second while it plays
 * @property {(position: number) => void} show called at each change of the position
 * @property {(position: number) => string} [text] what stands beside the slider
 * @property {boolean} [presenter] whether a presenter's keys walk it in projector mode
 * @property {(playing: boolean) => void} [played] called when it starts or stops
 */

/**
 * Put a play button, a slider and its position into `host`.
 * @param {HTMLElement} host
 * @param {PlayerOptions} options
 */
export function player(host, options) {
  const button = Object.assign(make("button", "play"), { type: "button" });
  const slider = Object.assign(make("input"), { type: "range", min: "0", step: "1" });
  const output = make("output");
  let count = 1, value = 0, words = options;
  /** @type {ReturnType<typeof setInterval> | null} */
  let timer = null;
  host.classList.add("player");
  host.replaceChildren(button, slider, output);

  const writeLabels = () => {
    button.dataset.playing = String(timer !== null);
    button.setAttribute("aria-label", `${timer === null ? words.play : words.pause}: ${words.label}`);
    slider.setAttribute("aria-label", words.label);
    options.played?.(timer !== null);
  };
  /** @param {number} wanted */
  const set = (wanted) => {
    value = Math.max(0, Math.min(count - 1, wanted));
    slider.value = String(value);
    output.textContent = options.text?.(value) ?? `${value + 1} / ${count}`;
    slider.setAttribute("aria-valuetext", `${words.label} ${output.textContent}`);
    options.show(value);
  };
  const pause = () => { clearInterval(timer); timer = null; writeLabels(); };
  const play = () => {
    pause();
    if (value >= count - 1) set(0);
    timer = setInterval(() => {
      if (!host.isConnected || value >= count - 1) return pause();
      if (host.offsetWidth) set(value + 1); // a hidden tab waits
    }, 1000 / options.perSecond);
    writeLabels();
  };
  /** @param {number} wanted */
  const resize = (wanted) => { count = Math.max(1, wanted); slider.max = String(count - 1); };
  button.addEventListener("click", () => (timer === null ? play() : pause()));
  slider.addEventListener("input", () => { pause(); set(Number(slider.value)); });
  if (options.presenter) onPresenterKeys(host, (by) => { pause(); set(value + by); });
  resize(options.count ?? 1);
  writeLabels();
  return {
    set,
    play,
    pause,
    count: resize,
    /** @param {Partial<PlayerOptions>} changed */
    words: (changed) => { words = { ...words, ...changed }; writeLabels(); },
    get value() { return value; },
    get playing() { return timer !== null; },
  };
}
