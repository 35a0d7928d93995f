// @ts-check
// The card of an acrostic: a picture in SVG, with each line's head in colour. It has no fonts of its own.

const SIZE = 30, LEADING = 54, PADDING = 48, MIN_WIDTH = 360; // pixels
const FAMILY = "'Noto Serif CJK SC', 'Noto Serif SC', 'Songti SC', SimSun, Georgia, serif";
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\u{1f000}-\u{3fffd}]/u;

/** @param {string} text as XML: characters that XML lacks are left out */
// eslint-disable-next-line no-control-regex
const escaped = (text) => text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "").replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`);

/** @param {string} text @returns {number} about its width in ems */
const widthOf = (text) => [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 1 : 0.56), 0);

/**
 * Draw the card.
 * @param {string[][]} lines each cut into what stands before the head, the head, and what stands after it
 * @param {string} foot
 * @param {boolean} isRightToLeft
 * @returns {{ svg: string, width: number, height: number }}
 */
export function acrosticCard(lines, foot, isRightToLeft = false) {
  const widest = Math.max(0, ...lines.map((parts) => widthOf(parts.join("")) + 0.3));
  const width = Math.ceil(Math.max(MIN_WIDTH, widest * SIZE + 2 * PADDING, widthOf(foot) * 16 + 2 * PADDING));
  const height = lines.length * LEADING + 2 * PADDING + 20;
  const x = isRightToLeft ? width - PADDING : PADDING, direction = isRightToLeft ? ' direction="rtl"' : "";
  const texts = lines.map(([before, head, after], row) => `<text x="${x}" y="${PADDING + row * LEADING + SIZE}" xml:space="preserve"${direction}>${escaped(before)}`
    + `<tspan fill="#B3400A" font-weight="bold" font-size="${SIZE * 1.2}">${escaped(head)}</tspan>${escaped(after)}</text>`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FAMILY}" font-size="${SIZE}" fill="#1F2328">`
    + `<rect width="100%" height="100%" fill="#FFFDF7"/><rect x="12" y="12" width="${width - 24}" height="${height - 24}" fill="none" stroke="#C9B458" stroke-width="2"/>`
    + `${texts.join("")}<text x="${width / 2}" y="${height - 28}" font-size="16" fill="#5B6069" text-anchor="middle">${escaped(foot)}</text></svg>`;
  return { svg, width, height };
}
