// @ts-check

/** @import { TaggedToken } from "../../../frontend/types.d.ts" */

/**
 * Choose the token that is explained first: a word that comes with two tags, else the least certain one, where unknown
 * words come before all known ones.
 * @param {TaggedToken[]} tokens
 * @returns {number} its index
 */
export function firstToLookAt(tokens) {
  const twofold = tokens.findIndex((token) => tokens.some((other) => other.form === token.form && other.tag !== token.tag));
  if (twofold >= 0) return twofold;
  const certainty = (/** @type {TaggedToken} */ token) => token.probability - (token.known ? 0 : 1);
  return tokens.reduce((least, token, i) => (certainty(token) < certainty(tokens[least]) ? i : least), 0);
}
