// @ts-check
// Numbers as the page writes them, in the page's language. JSON has null for what is infinite or undefined.

import { language } from "./page.js";

/** @typedef {number | null | undefined} Value */

/** @type {Record<string, string>} */
const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** @param {number} value */
const notFinite = (value) => (Number.isNaN(value) ? "–" : value < 0 ? "−∞" : "∞");

/** @param {number} value @param {number} digits */
function powerOfTen(value, digits) {
  const [mantissa, exponent] = value.toExponential(Math.max(0, digits - 1)).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${short.replace("-", "−")}·10${[...exponent.replace("+", "")].map((sign) => SUPERSCRIPTS[sign]).join("")}`;
}

/**
 * Write a number with some significant digits; beyond six digits as 1.9·10¹⁰. `figures/bounds.py` has the same rule.
 * @param {Value} value
 * @param {number} [digits]
 */
export function number(value, digits = 3) {
  const known = value ?? Infinity, size = Math.abs(known);
  if (!Number.isFinite(known)) return notFinite(known);
  if (size >= 1e6 && digits < 7) return powerOfTen(known, 2);
  if (size < 1e-4 && size !== 0) return powerOfTen(known, Math.min(digits, 3));
  return new Intl.NumberFormat(language(), { maximumSignificantDigits: digits }).format(known).replace("-", "−");
}

/**
 * Write a number with a fixed number of decimals and a real minus; a large one as a power of ten.
 * @param {Value} value
 * @param {number} [digits]
 */
export function decimal(value, digits = 2) {
  const known = value ?? Infinity;
  if (!Number.isFinite(known)) return notFinite(known);
  if (Math.abs(known) >= 10 ** Math.max(2, 6 - digits)) return powerOfTen(known, 2);
  return known.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
}

/** Write a factor of a product, a negative one in brackets. @param {number} value */
export const signed = (value) => (value < 0 ? `(${decimal(value, 3)})` : decimal(value, 3));

/**
 * Write a whole number with the separators of the language.
 * @param {number} value
 */
export const whole = (value) => new Intl.NumberFormat(language()).format(value);

/**
 * Write a probability as a percentage; "–" if there is none.
 * @param {Value} p
 * @param {number} [decimals] always so many; by default none, and one near 0 and 1, where none would say 0% or 100%
 */
export function percent(p, decimals) {
  if (p === null || p === undefined) return "–";
  const most = decimals ?? (p < 0.095 || p > 0.985 ? 1 : 0);
  const format = { style: "percent", minimumFractionDigits: decimals ?? 0, maximumFractionDigits: most };
  return new Intl.NumberFormat(language(), /** @type {Intl.NumberFormatOptions} */ (format)).format(p);
}
