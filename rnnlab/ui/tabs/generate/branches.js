// @ts-check
// The endings of a song as a small tree. An ending is what was written after a pick: it has the tokens of its parent up
// to `from`, and its own `tail` after them. The first one has no parent: the song as it was drawn. Nothing is changed in
// place: each function returns a new tree.

/** @import { Copied, SampledToken } from "../../frontend/types.d.ts" */

/**
 * @typedef {object} Ending
 * @property {number} id
 * @property {number | null} parent
 * @property {number} from the place of the pick
 * @property {string} token that was picked; the tail begins with it, as soon as it is written
 * @property {SampledToken[]} tail
 * @property {Copied | null} copied of the whole song with this ending
 * @property {boolean} isWhole
 */
/**
 * @typedef {object} Tree
 * @property {Ending[]} endings in the order in which they were made
 * @property {number} current the id of the one that is shown
 * @property {number[]} past ids that were shown before, the latest last
 * @property {number[]} future ids that were taken back, the latest last
 */

export const MAX_ENDINGS = 24;
const MAX_PAST = 100;

/** @param {SampledToken[]} choices */
export const tokensOf = (choices) => choices.map((choice) => choice[3]);

/** @param {SampledToken[]} choices @param {Copied | null} copied @param {boolean} isWhole @returns {Tree} */
export const newTree = (choices, copied, isWhole) =>
  ({ endings: [{ id: 0, parent: null, from: 0, token: "", tail: choices, copied, isWhole }], current: 0, past: [], future: [] });

/** @param {Tree} tree @param {number} [id] @returns {Ending} */
export const endingOf = (tree, id = tree.current) => tree.endings.find((each) => each.id === id);

/** All tokens of the song with an ending. @param {Tree} tree @param {number} [id] @returns {SampledToken[]} */
export function choicesOf(tree, id = tree.current) {
  const { parent, from, tail } = endingOf(tree, id);
  return parent === null ? tail : [...choicesOf(tree, parent).slice(0, from), ...tail];
}

/** The ending with which the tokens before a place were written, all but those that it has from others. @param {Tree} tree @param {number} place */
export function writtenWith(tree, place) {
  let ending = endingOf(tree);
  while (ending.parent !== null && place <= ending.from) ending = endingOf(tree, ending.parent);
  return ending.id;
}

/** Show an ending. @param {Tree} tree @param {number} id @returns {Tree} */
export const shown = (tree, id) => (id === tree.current ? tree : { ...tree, current: id, past: [...tree.past, tree.current].slice(-MAX_PAST), future: [] });

/** @param {SampledToken[]} choices @param {SampledToken[]} others */
const parting = (choices, others) => {
  const place = choices.findIndex((each, i) => each[3] !== others[i]?.[3]);
  return place < 0 ? choices.length : place;
};

/** The first place at which two endings differ. @param {Tree} tree @param {number} one @param {number} other */
export const partingPlace = (tree, one, other) => {
  const [a, b] = [choicesOf(tree, one), choicesOf(tree, other)];
  return Math.min(parting(a, b), parting(b, a));
};

/**
 * Pick a token at a place of the song that is shown: the ending that has it there already, or a new one without tokens.
 * @param {Tree} tree @param {number} place @param {string} token
 * @returns {{ tree: Tree, isNew: boolean }}
 */
export function picked(tree, place, token) {
  const now = choicesOf(tree);
  if (now[place]?.[3] === token) return { tree, isNew: false };
  const known = tree.endings.find(({ id, from, token: own }) => {
    const other = choicesOf(tree, id);
    return (other[place]?.[3] ?? (from === place ? own : "")) === token && parting(now, other) >= place;
  });
  if (known) return { tree: shown(tree, known.id), isNew: false };
  const id = Math.max(...tree.endings.map((each) => each.id)) + 1;
  /** @type {Ending} */
  const ending = { id, parent: writtenWith(tree, place), from: place, token, tail: [], copied: null, isWhole: false };
  return { tree: shown(forgotten({ ...tree, endings: [...tree.endings, ending] }), id), isNew: true };
}

/** Leave out the oldest ending from which no other begins, if there are too many. @param {Tree} tree @returns {Tree} */
function forgotten(tree) {
  if (tree.endings.length <= MAX_ENDINGS) return tree;
  const parents = new Set(tree.endings.map((each) => each.parent));
  const oldest = tree.endings.slice(0, -1).find(({ id, parent }) => parent !== null && id !== tree.current && !parents.has(id));
  return oldest ? without(tree, oldest.id) : tree;
}

/** Leave out an ending from which no other begins; if it is shown, the one before it is shown. @param {Tree} tree @param {number} id @returns {Tree} */
export function without(tree, id) {
  const [past, future] = [tree.past, tree.future].map((ids) => ids.filter((each) => each !== id));
  const endings = tree.endings.filter((each) => each.id !== id);
  return tree.current === id ? { endings, current: past.at(-1) ?? 0, past: past.slice(0, -1), future } : { ...tree, endings, past, future };
}

/**
 * Add what was written on of an ending, if it is still there.
 * @param {Tree} tree @param {number} id @param {SampledToken[]} more @param {Copied | null} copied @param {boolean} isWhole
 * @returns {Tree}
 */
export const grown = (tree, id, more, copied, isWhole) =>
  ({ ...tree, endings: tree.endings.map((each) => (each.id === id ? { ...each, tail: [...each.tail, ...more], copied, isWhole } : each)) });

/** Replace the song as it was drawn: there is more of it, or more is known of it. @param {Tree} tree @param {SampledToken[]} choices @param {Copied | null} copied @returns {Tree} */
export const withFirst = (tree, choices, copied) =>
  ({ ...tree, endings: tree.endings.map((each) => (each.parent === null ? { ...each, tail: choices, copied } : each)) });

/** Show what was shown before. @param {Tree} tree @returns {Tree} */
export const undone = (tree) => (tree.past.length
  ? { ...tree, current: tree.past.at(-1), past: tree.past.slice(0, -1), future: [...tree.future, tree.current] } : tree);

/** @param {Tree} tree @returns {Tree} */
export const redone = (tree) => (tree.future.length
  ? { ...tree, current: tree.future.at(-1), future: tree.future.slice(0, -1), past: [...tree.past, tree.current] } : tree);

/** The ending before or after the one that is shown, around the end of the list. @param {Tree} tree @param {number} step @returns {number} its id */
export const neighbour = (tree, step) => {
  const count = tree.endings.length, at = tree.endings.findIndex(({ id }) => id === tree.current);
  return tree.endings[(at + step + count) % count].id;
};

/** The places of the song that is shown at which another ending leaves it. @param {Tree} tree @returns {Set<number>} */
export const branchPlaces = (tree) =>
  new Set(tree.endings.filter(({ id }) => id !== tree.current).map(({ id }) => partingPlace(tree, tree.current, id)));
