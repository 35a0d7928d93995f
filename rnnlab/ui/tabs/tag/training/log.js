// @ts-check
// The rows of the training of a tagger, sorted, without the page. Rows of the tagger without recurrence beside it have a
// kind that begins with "beside-".

/** @import { Points, ScoresRow, TagEpochRow, TagFinishedRow, TagRow, TagStartedRow, TagStepRow, VerdictRow } from "../../../frontend/types.d.ts" */

/** @typedef {ScoresRow & { epoch?: number }} Scores with the epoch after which they are */

/**
 * @typedef {object} TaggerLog
 * @property {Record<string, Scores[]>} scores by when they are, and by sentence
 * @property {TagEpochRow[]} epochs
 * @property {TagStartedRow} [started]
 * @property {TagStepRow} [step]
 * @property {TagFinishedRow} [finished]
 * @property {VerdictRow} [verdict]
 * @property {{ epoch: number }} [diverged]
 */
/** @typedef {{ own: TaggerLog, beside: TaggerLog | null }} Log */
/** @typedef {"own" | "beside"} Who */

const MANY_TAGS = 8; // more do not fit beside a curve with their names
const MANY_SENTENCES = 50;
/** The lines of each figure by uid: whose, and which number of an epoch. @type {Record<string, Record<string, [Who, keyof TagEpochRow]>>} */
export const CURVES = {
  loss: { loss: ["own", "loss"], beside: ["beside", "loss"] },
  accuracy: { training: ["own", "accuracy"], held_out: ["own", "held_out_accuracy"], unknown: ["own", "unknown_accuracy"] },
};

/** @returns {TaggerLog} */
const emptyTagger = () => ({ scores: {}, epochs: [] });
/** @returns {Log} */
export const emptyLog = () => ({ own: emptyTagger(), beside: null });

/**
 * Add a row to a log.
 * @param {Log} log
 * @param {TagRow} row
 */
export function addRow(log, row) {
  const isBeside = row.kind.startsWith("beside-"), kind = row.kind.replace("beside-", "");
  const tagger = isBeside ? (log.beside ??= emptyTagger()) : log.own;
  if (kind === "scores") {
    const scores = /** @type {Scores} */ (row);
    (tagger.scores[scores.when] ??= [])[scores.sentence] = { ...scores, epoch: tagger.epochs.at(-1)?.epoch };
  } else if (kind === "epoch") tagger.epochs.push(/** @type {TagEpochRow} */ (row));
  else Object.assign(tagger, { [kind]: row });
}

/** @param {Log} log */
export const hasManyTags = ({ own }) => (own.started?.tags.length ?? 0) > MANY_TAGS;
/** @param {Log} log whether its sentences are more than a toy's */
export const isReal = (log) => hasManyTags(log) || (log.own.started?.sentences ?? 0) > MANY_SENTENCES;

/**
 * Name the newest scores that there are: those after the end, or of what has been learned so far.
 * @param {Log} log
 * @returns {"after" | "so far"}
 */
export const newestScores = ({ own }) => (own.scores.after || !own.scores["so far"] ? "after" : "so far");

/**
 * Find the words that come with two tags in the two sentences of a log.
 * @param {Log} log
 * @returns {Set<string>}
 */
export function ambiguousWords({ own }) {
  const [first, second] = own.scores.before ?? [];
  if (!second) return new Set();
  return new Set(first.tokens.filter((word, i) => second.tokens.some((other, j) => word === other && first.gold[i] !== second.gold[j])));
}

/**
 * Return the points of one figure's lines, each from a given epoch on, by uid; lines without a new point are left out.
 * @param {Log} log
 * @param {"loss" | "accuracy"} figure
 * @param {Record<string, number>} from how many points of each line are drawn already
 */
export function curvePoints(log, figure, from = {}) {
  /** @type {Record<string, Points>} */
  const points = {};
  for (const [uid, [who, key]] of Object.entries(CURVES[figure])) {
    const rows = (log[who]?.epochs ?? []).slice(from[uid] ?? 0);
    const value = (/** @type {any} */ row) => row[key] ?? (key === "loss" ? Infinity : null);
    if (rows.length) points[uid] = { x: rows.map((row) => row.epoch), y: rows.map(value) };
  }
  return points;
}
