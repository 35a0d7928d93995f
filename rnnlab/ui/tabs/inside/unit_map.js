// @ts-check
// Units × time as an image: a row per unit, a column per character, blue below 0 and red above. Pointing chooses.

import { isDark } from "../../frontend/lib/page.js";

const COLOURS = { light: { above: [178, 24, 43], below: [33, 102, 172] }, dark: { above: [230, 80, 80], below: [80, 150, 230] } };

/** Read the values of an image, which JSON has in base64. @param {string} text */
export const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

export class UnitMap {
  /**
   * @param {HTMLElement} element positions the marks over a canvas in it
   * @param {(row: number, column: number) => void} choose called where the image is pressed
   */
  constructor(element, choose) {
    this.element = element;
    this.canvas = element.querySelector("canvas");
    /** @type {HTMLElement} */
    this.rowMark = element.querySelector("[data-role=row-mark]");
    /** @type {HTMLElement} */
    this.columnMark = element.querySelector("[data-role=column-mark]");
    this.rows = 0;
    this.columns = 0;
    const press = (/** @type {PointerEvent} */ event) => {
      const box = this.canvas.getBoundingClientRect();
      const at = (/** @type {number} */ share, /** @type {number} */ count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
      if (this.rows) choose(at((event.clientY - box.top) / box.height, this.rows), at((event.clientX - box.left) / box.width, this.columns));
    };
    this.canvas.addEventListener("pointerdown", (event) => { this.canvas.setPointerCapture(event.pointerId); press(event); });
    this.canvas.addEventListener("pointermove", (event) => { if (this.canvas.hasPointerCapture(event.pointerId)) press(event); });
  }

  /**
   * Draw rows of values from −1 to 1.
   * @param {number} rows @param {number} columns
   * @param {(row: number, column: number) => number} valueOf
   */
  draw(rows, columns, valueOf) {
    Object.assign(this, { rows, columns });
    [this.canvas.width, this.canvas.height] = [Math.max(1, columns), Math.max(1, rows)];
    if (!rows || !columns) return;
    const context = this.canvas.getContext("2d"), image = context.createImageData(columns, rows);
    const { above, below } = COLOURS[isDark() ? "dark" : "light"];
    for (let row = 0, byte = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, byte += 4) {
        const value = valueOf(row, column);
        image.data.set(value < 0 ? below : above, byte);
        image.data[byte + 3] = 255 * Math.min(1, Math.abs(value));
      }
    }
    context.putImageData(image, 0, 0);
  }

  /** Mark a row and a column; −1 marks none. @param {number} row @param {number} column */
  mark(row, column) {
    const place = (/** @type {HTMLElement} */ node, /** @type {number} */ at, /** @type {number} */ count, /** @type {string[]} */ [start, size]) => {
      node.hidden = at < 0 || !count;
      node.style.setProperty(start, `${(100 * at) / count}%`);
      node.style.setProperty(size, `${100 / count}%`);
    };
    place(this.rowMark, row, this.rows, ["top", "height"]);
    const frame = this.element.parentElement, { offsetTop: top, offsetHeight: height } = this.rowMark;
    if (row >= 0 && frame.scrollHeight > frame.clientHeight && (top < frame.scrollTop || top + height > frame.scrollTop + frame.clientHeight)) frame.scrollTop = top - frame.clientHeight / 2;
    place(this.columnMark, column, this.columns, ["left", "width"]);
  }
}
