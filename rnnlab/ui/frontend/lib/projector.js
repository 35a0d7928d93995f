// @ts-check
// Projector mode: the picture, the song and one button, large enough for the back row. The key P, the switch in the
// header and `?projector=1` begin it; P, Escape and, on a touch screen, a button end it. `boot.js` reads the address
// before the first paint, `styles/projector.css` has the looks. Others hear the document's event "rnnlab:projector".

import { isPlain, usesKeys, walkByPresenter } from "./presenter_keys.js";
import { isProjected, make, withWords } from "./page.js";
import { say } from "./speech.js";

const KEY = "rnnlab_projector";

/** Begin or end projector mode; the address keeps it for a reload and for a link. @param {boolean} on */
export function setProjector(on) {
  if (on === isProjected()) return;
  document.documentElement.toggleAttribute("data-projector", on);
  const address = new URL(location.href);
  on ? address.searchParams.set("projector", "1") : address.searchParams.delete("projector");
  history.replaceState(history.state, "", address);
  try { on ? sessionStorage.setItem(KEY, "1") : sessionStorage.removeItem(KEY); } catch { /* full */ }
  if (on && document.activeElement instanceof HTMLElement && !document.activeElement.offsetWidth) document.activeElement.blur(); // it is hidden now
  document.dispatchEvent(new CustomEvent("rnnlab:projector", { detail: String(on) }));
  dispatchEvent(new Event("resize")); // for what takes its height from the window
  showState();
  withWords("projector", (words) => say(words[on ? "on" : "off"]));
}

function showState() {
  document.querySelector("[data-switch=projector]")?.setAttribute("aria-pressed", String(isProjected()));
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (!isPlain(event, true) || usesKeys(document.activeElement)) return;
  const isSwitch = event.key.toLowerCase() === "p" && !event.shiftKey && !event.repeat;
  if (!isSwitch && !(event.key === "Escape" && isProjected())) return;
  event.preventDefault();
  setProjector(isSwitch ? !isProjected() : false);
}

// --- a ring around the mouse ---

function makeSpotlight() {
  const ring = make("div", "spotlight");
  ring.setAttribute("aria-hidden", "true");
  ring.hidden = true;
  document.body.append(ring);
  document.addEventListener("pointermove", ({ pointerType, clientX, clientY }) => {
    ring.hidden = pointerType !== "mouse" || !isProjected();
    if (!ring.hidden) ring.style.transform = `translate(${clientX}px, ${clientY}px)`;
  });
  document.documentElement.addEventListener("pointerleave", () => { ring.hidden = true; });
}

/** Listen to the key, the switch and the mouse; once. */
export function watchProjector() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("keydown", walkByPresenter);
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("[data-switch=projector]")) setProjector(!isProjected());
  });
  document.addEventListener("DOMContentLoaded", () => {
    makeSpotlight();
    new MutationObserver(showState).observe(document.body, { childList: true, subtree: true });
  }, { once: true });
}
