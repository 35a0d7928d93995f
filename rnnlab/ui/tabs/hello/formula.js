// @ts-check
// Formulas: text in which _ and _{…} lower what follows, as `inspection/cell_lines.py` writes it.

import { make } from "../../frontend/lib/page.js";

/**
 * Split a formula into plain text and what is lowered, in turns: "W_ir x_t" is W, ir, " x", t, "".
 * @param {string} text
 */
export const parse = (text) =>
  text.split(/_(\{[^}]+\}|[A-Za-z]+)/).map((part) => part.replace(/[{}]/g, "").replaceAll("-", "−"));

/**
 * Make the nodes of a formula.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export const formula = (text) => parse(text).map((part, k) => (k % 2 ? make("sub", "", part) : part)).filter(Boolean);
