// @ts-check
// Elements of a drawing, and the head of its arrows.

const NAMESPACE = "http://www.w3.org/2000/svg";
const HEAD = { refX: 1, refY: 4.5, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" };

/**
 * Make an element.
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string | undefined)} children text is inserted as text; a word that is not there yet is left out
 * @returns {SVGElement}
 */
export function svg(name, attributes, ...children) {
  const node = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

/** Make the head of the arrows of a drawing. @param {string} id the document has it once */
export const arrowhead = (id) => svg("marker", { id, ...HEAD }, svg("path", { class: "head", d: "M0 0 9 4.5 0 9z" }));

const LEAST = 16; // pixels of the smallest text on a laptop, for which drawings are made

/** How much larger than on a laptop a drawing is, as the page's text is. @param {HTMLElement} host */
export const drawingScale = (host) => parseFloat(getComputedStyle(host).getPropertyValue("--lab-least")) / LEAST || 1;
