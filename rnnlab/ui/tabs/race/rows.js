// @ts-check
// What the panel of a race computes from the rows, without the page: the points of every lane on each of the three axes,
// the times at the marks, and who is ahead.

/** @import { Points, RaceDifferenceRow, RaceEpochRow, RaceFinishedRow, RaceRow, RaceSplitRow, RaceStartedRow, RaceStepRow } from "../../frontend/types.d.ts" */

/** @typedef {"epochs" | "seconds" | "characters"} Axis what the horizontal axis counts */
/** @typedef {{ epochs: number, seconds: number | null, characters: number }} Place how far a lane was on each axis */
/** @typedef {Place & { y: number | null }} Point */
/** @typedef {Place & { perplexity: number | null, heldOut: number | null }} WholeEpoch */

/**
 * @typedef {object} Lane
 * @property {string} name
 * @property {Point[]} minibatches
 * @property {WholeEpoch[]} epochs
 * @property {Map<number, Place>} splits by mark
 * @property {string} sample what it has written last
 * @property {boolean} retired
 * @property {boolean} over whether it has crossed the finish line
 * @property {string} end how it has ended, as in a Result; "" while the race goes on
 */

/**
 * @typedef {object} Race
 * @property {RaceStartedRow | null} started
 * @property {Lane[]} lanes
 * @property {Point[]} differences with y in millionths
 * @property {RaceSplitRow | null} lastSplit
 * @property {RaceFinishedRow | null} finished
 */

export const AXES = /** @type {const} */ (["epochs", "seconds", "characters"]);
const MILLION = 1e6;
const DIGITS = 4; // of perplexities that are compared, as in experiments/race/race.py

/** @returns {Race} */
export const emptyRace = () => ({ started: null, lanes: [], differences: [], lastSplit: null, finished: null });

/** @param {string} name @returns {Lane} */
const emptyLane = (name) => ({ name, minibatches: [], epochs: [], splits: new Map(), sample: "", retired: false, over: false, end: "" });

/** @param {RaceStepRow | RaceDifferenceRow} row @returns {Place} */
const withinEpoch = ({ epoch, step, steps, seconds, characters }) => ({ epochs: epoch - 1 + step / steps, seconds, characters });
/** @param {RaceEpochRow | RaceSplitRow} row @returns {Place} */
const atItsEnd = ({ epoch, seconds, characters }) => ({ epochs: epoch, seconds, characters });

/**
 * Add rows to a race, in place.
 * @param {Race} race
 * @param {RaceRow[]} rows
 */
export function take(race, rows) {
  /** @param {string} name @returns {Lane} */
  const lane = (name) => race.lanes.find((other) => other.name === name) ?? emptyLane(name);
  for (const row of rows) {
    switch (row.kind) {
      case "started":
        Object.assign(race, emptyRace(), { started: row, lanes: row.lanes.map(({ name }) => emptyLane(name)) });
        break;
      case "line": lane(row.lane).sample = row.sample; break;
      case "step": lane(row.lane).minibatches.push({ ...withinEpoch(row), y: row.perplexity }); break;
      case "difference":
        race.differences.push({ ...withinEpoch(row), y: row.difference === null ? null : MILLION * row.difference });
        break;
      case "epoch": {
        const own = lane(row.lane);
        own.epochs.push({ ...atItsEnd(row), perplexity: row.perplexity, heldOut: row.held_out_perplexity });
        own.sample = row.sample || own.sample;
        break;
      }
      case "split":
        lane(row.lane).splits.set(row.mark, atItsEnd(row));
        if (row.mark === race.started?.target_perplexity) lane(row.lane).over = true;
        race.lastSplit = row;
        break;
      case "retired": lane(row.lane).retired = true; break;
      case "finished":
        race.finished = row;
        for (const result of row.results) lane(result.lane).end = result.end;
    }
  }
}

/**
 * Return the points of all traces by their uid, for the axis that is shown.
 * @param {Race} race
 * @param {Axis} axis
 * @param {{ minibatches: number, epochs: number }[]} [from] how many of each lane are drawn already
 * @returns {Record<string, Points>}
 */
export function pointsOf(race, axis, from = []) {
  /** @type {Record<string, Points>} */
  const found = {};
  race.lanes.forEach((lane, i) => {
    const minibatches = lane.minibatches.slice(from[i]?.minibatches ?? 0), epochs = lane.epochs.slice(from[i]?.epochs ?? 0);
    if (minibatches.length) found[`minibatch.lane${i}`] = { x: minibatches.map((at) => at[axis]), y: minibatches.map(({ y }) => y ?? Infinity) };
    if (!epochs.length) return;
    found[`training.lane${i}`] = { x: epochs.map((at) => at[axis]), y: epochs.map(({ perplexity }) => perplexity ?? Infinity) };
    if (race.started?.held_out_tokens) found[`held_out.lane${i}`] = { x: epochs.map((at) => at[axis]), y: epochs.map(({ heldOut }) => heldOut ?? Infinity) };
  });
  return found;
}

/** @param {Race} race */
export const drawnSoFar = (race) => race.lanes.map(({ minibatches, epochs }) => ({ minibatches: minibatches.length, epochs: epochs.length }));

/**
 * Return where the axis ends: at the end of a race close to its last point, before that at a round number, so that the
 * axis rarely changes while points come.
 * @param {Race} race
 * @param {Axis} axis
 */
export function endOfAxis(race, axis) {
  const last = Math.max(0, ...race.lanes.map(({ minibatches }) => minibatches.at(-1)?.[axis] ?? 0));
  if (!last) return axis === "epochs" ? race.started?.epochs ?? 1 : 1;
  if (race.finished) return 1.02 * last;
  const power = 10 ** Math.floor(Math.log10(last)), round = [1, 2, 3, 5, 7, 10].find((times) => times * power >= 1.05 * last) ?? 20;
  return axis === "epochs" ? Math.max(1, Math.min(round * power, 1.02 * race.started.epochs)) : round * power;
}

/**
 * Return the place of every lane, from 1, by what the axis counts; null where nothing tells it yet. Lanes over the line
 * come first, in the order in which they crossed it. The others are compared at the point that all of them have
 * reached, by the perplexity of their last whole epoch there. Lanes that have retired are last.
 * @param {Race} race
 * @param {Axis} axis
 * @returns {(number | null)[]}
 */
export function placesOf(race, axis) {
  const target = race.started?.target_perplexity ?? null;
  const running = race.lanes.filter((lane) => !lane.over && !lane.retired);
  const common = Math.min(...running.map((lane) => lane.epochs.at(-1)?.[axis] ?? -Infinity));
  /** @param {Lane} lane @returns {[number, number] | null} */
  const rank = (lane) => {
    if (lane.over) return [0, lane.splits.get(target)?.[axis] ?? Infinity];
    if (lane.retired) return [2, 0];
    const there = lane.epochs.findLast((at) => (at[axis] ?? Infinity) <= common);
    return there ? [1, Number((there.perplexity ?? Infinity).toPrecision(DIGITS))] : null;
  };
  const ranks = race.lanes.map(rank);
  return ranks.map((own) => own && 1 + ranks.filter((other) => other && isBefore(other, own)).length);
}

/** @param {[number, number]} one @param {[number, number]} other */
const isBefore = (one, other) => one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);

/**
 * Return how far a lane has come from the uniform guess to the finish line, from 0 to 1, on the logarithmic scale of the
 * figure. Without a finish line it runs to a perplexity of 1.
 * @param {Lane} lane
 * @param {RaceStartedRow | null} started
 */
export function shareOfWay(lane, started) {
  if (lane.over) return 1;
  const now = lane.epochs.at(-1)?.perplexity ?? (lane.epochs.length ? null : lane.minibatches.at(-1)?.y);
  if (!started || !now) return 0;
  const way = Math.log(started.uniform_perplexity / (started.target_perplexity ?? 1));
  return way > 0 ? Math.min(1, Math.max(0, Math.log(started.uniform_perplexity / now) / way)) : 0;
}

/**
 * Return the numbers of the lanes that have won, by epochs.
 * @param {Race} race
 */
export const winnersOf = (race) => (race.finished?.results ?? [])
  .filter(({ place }) => place === 1)
  .map(({ lane }) => race.lanes.findIndex(({ name }) => name === lane));

/**
 * Choose the words for the state of a race, as the key after "state.".
 * @param {string} state
 * @param {Race} race
 * @param {string} [why] it is paused
 */
export function stateKey(state, race, why = "") {
  if (state === "paused" && why === "restarted") return why;
  if (state === "stopped" && !race.lanes.some((lane) => lane.epochs.length)) return "stopped_at_once";
  if (state !== "finished") return state;
  if (race.lanes.every((lane) => lane.retired)) return "finished_none";
  if (!race.lanes.some((lane) => lane.over)) return "finished_no_line";
  return winnersOf(race).length > 1 ? "finished_tie" : "finished";
}
