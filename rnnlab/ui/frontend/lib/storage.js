// @ts-check
// What stays over a reload, for as long as the browser's tab is open.

/**
 * Read a stored value; null if there is none, or if it is not JSON.
 * @param {string} key
 * @returns {any}
 */
export function recall(key) {
  try { return JSON.parse(sessionStorage.getItem(key) ?? "null"); } catch { return null; }
}

/**
 * Store a value; a full storage keeps nothing under this key.
 * @param {string} key
 * @param {unknown} value
 */
export function remember(key, value) {
  try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { sessionStorage.removeItem(key); }
}

/**
 * Store what `value` returns when the page is left, unless that is null.
 * @param {string} key
 * @param {() => unknown} value
 * @param {AbortSignal} [signal] ends it
 */
export function rememberOnLeave(key, value, signal) {
  addEventListener("pagehide", () => {
    const latest = value();
    if (latest !== null && latest !== undefined) remember(key, latest);
  }, { signal });
}
