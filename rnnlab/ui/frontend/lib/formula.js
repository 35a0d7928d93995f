// @ts-check
// Formulas: text in which _ and _{…} lower what follows, as `inspection/cell_lines.py` writes it.

import { make } from "./page.js";

/**
 * Split a formula into plain text and what is lowered, in turns: "W_ir x_t" is W, ir, " x", t, "".
 * @param {string} text
 */
export const parse = (text) =>
  text.split(/_(\{[^}]+\}|[A-Za-z0-9]+)/).map((part) => part.replace(/[{}]/g, "").replaceAll("-", "−"));

/**
 * Make the nodes of a formula.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export const formula = (text) => parse(text).map((part, k) => (k % 2 ? make("sub", "", part) : part)).filter(Boolean);

/**
 * Split a formula where some of its quantities stand: [["c_t = f_t ⊙ ", false], ["c_{t-1}", true], …].
 * @param {string} text
 * @param {readonly string[]} names of what is marked; a name is not found within a longer one
 * @returns {[string, boolean][]}
 */
export function split(text, names) {
  if (!names.length) return [[text, false]];
  const escaped = [...names].sort((a, b) => b.length - a.length).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const parts = text.split(new RegExp(`(?<![A-Za-z0-9_])(${escaped.join("|")})(?![A-Za-z0-9])`, "u"));
  return parts.map((part, k) => /** @type {[string, boolean]} */ ([part, k % 2 === 1])).filter(([part]) => part);
}

/**
 * Make the nodes of a formula in which some quantities are marked.
 * @param {string} text
 * @param {readonly string[]} names
 * @returns {(Node | string)[]}
 */
export const marked = (text, names) =>
  split(text, names).flatMap(([part, isMarked]) => (isMarked ? [make("mark", "", ...formula(part))] : formula(part)));
