// @ts-check
// Who wrote this? Four lines as buttons, which the digits 1 to 4 press; the answer comes from the server after the guess.
// The scores stay in this browser's tab. The panel is on the page once, so its state is the module's.

import { percent } from "../../frontend/lib/numbers.js";
import { followLanguage, joinSentences, make, queryAll, roles } from "../../frontend/lib/page.js";
import { recall, remember } from "../../frontend/lib/storage.js";
import { direction, fill, languageOfScript } from "../../frontend/lib/text.js";
import { counted, pointsOf, scoreChart } from "./who_scores.js";

/** @import { PanelContext, WhoRound, Words } from "../../frontend/types.d.ts" */
/** @import { Scores } from "./who_scores.js" */

const STORAGE_KEY = "rnnlab_who";

/** @type {ReturnType<typeof roles>} */
let role;
/** @type {Words} */
let words = {};
/** @type {WhoRound | null} */
let round = null;
/** @type {Scores} */
let scores = {};
/** @type {(event: string) => void} */
let trigger;

const isJudged = () => round?.guess !== undefined;

function draw() {
  role("state").textContent = !round ? words["who.empty"] ?? "" : isJudged() ? verdict() : words["who.question"] ?? "";
  role("lines").hidden = !round;
  role("lines").replaceChildren(...(round ? round.lines.map(lineElement) : []));
  const own = round && scores[round.whose], points = own ? pointsOf(own) : [];
  role("result").hidden = !own;
  role("share").textContent = own ? share(own) : "";
  role("chart").replaceChildren(...(points.length ? [scoreChart(points, words)] : []));
}

function verdict() {
  const isRight = round.guess === round.real, facts = { guess: round.guess + 1, real: round.real + 1 };
  const cut = round.cut.flatMap((isCut, place) => (isCut ? [place + 1] : [])).join(", ");
  return joinSentences([fill(words[isRight ? "who.right" : "who.wrong"], facts), cut && fill(words["who.cut"], { lines: cut })]);
}

/** @param {Record<string, [number, number]>} own */
function share(own) {
  const score = own[String(round.epoch ?? "")];
  if (!score) return "";
  const facts = { fooled: score[0], played: score[1], share: percent(score[0] / score[1]), epoch: round.epoch };
  return fill(words[round.epoch === null ? "who.share_counted" : "who.share"], facts);
}

/** @param {string} text @param {number} place */
function lineElement(text, place) {
  const line = make("span", "", text), isReal = isJudged() && place === round.real;
  Object.assign(line, { dir: direction(text) || "ltr", lang: languageOfScript(text) });
  const by = make("span", "by", isJudged() ? words[isReal ? "who.real" : "who.model"] : "");
  const button = make("button", isReal ? "real" : isJudged() && place === round.guess ? "fooled" : "", make("kbd", "", place + 1), line, by);
  button.type = "button";
  button.dataset.line = String(place);
  button.setAttribute("aria-disabled", String(isJudged()));
  return make("li", "", button);
}

/** @param {number} place */
function guess(place) {
  if (!round || isJudged() || place >= round.lines.length) return;
  window.rnnlab.guess = `${round.key} ${place}`;
  trigger("submit");
}

/** @param {WhoRound | null} value */
function receive(value) {
  const isNew = value && value.key !== round?.key, isAnswer = value?.guess !== undefined && !isNew && !isJudged();
  if (!value || (!isNew && !isAnswer)) return;
  round = value;
  if (isAnswer) {
    scores = counted(scores, value.whose, value.epoch, value.guess !== value.real);
    remember(STORAGE_KEY, scores);
  }
  draw();
  queryAll(role("lines"), "button")[isAnswer ? value.guess : 0].focus({ preventScroll: true }); // so that the digits reach it
}

/** @param {PanelContext<WhoRound | null>} context */
export function attach({ element, props, watch, trigger: tell }) {
  role = roles(element);
  trigger = tell;
  scores = recall(STORAGE_KEY) ?? {};
  watch("value", () => receive(props.value));
  element.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("[data-line]")) : null;
    if (button) guess(Number(button.dataset.line));
  });
  element.addEventListener("keydown", (event) => {
    if (!/^[1-4]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    guess(Number(event.key) - 1);
  });
  followLanguage(element, "generate", (known) => { words = known; draw(); });
}
