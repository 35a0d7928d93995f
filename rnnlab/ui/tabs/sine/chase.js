// @ts-check
// A picture that hurries after a run that is going.

/**
 * Make a chase: while it runs, `step` is called some times a second until it returns false.
 * @param {() => boolean} step
 * @param {() => void} ended called when the chase stops
 */
export function makeChase(step, ended) {
  /** @type {ReturnType<typeof setInterval> | null} */
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    ended();
  };
  return {
    /** @param {number} perSecond */
    start: (perSecond) => {
      stop();
      timer = setInterval(() => { if (!step()) stop(); }, 1000 / perSecond);
    },
    stop,
    get running() { return timer !== null; },
  };
}
