// @ts-check
// The layer of the set sizes, unrolled over time: its layers and directions, and an output layer as a model puts on top.

import { UnrolledNetwork } from "../../frontend/lib/unrolled.js";
import { fill } from "../../frontend/lib/text.js";

/** @import { LayersValue, Words } from "../../frontend/types.d.ts" */

const MAX_STEPS = 5, MAX_NARROW = 4, NARROW = 600; // steps that are drawn, and pixels below which they are fewer

/**
 * Choose the steps that are drawn; 0 stands for those left out.
 * @param {number} steps
 * @param {number} most
 * @returns {number[]} from 1
 */
export function stepsShown(steps, most) {
  if (steps <= most) return Array.from({ length: steps }, (_, k) => k + 1);
  return [...Array.from({ length: most - 2 }, (_, k) => k + 1), 0, steps];
}

export class OverTime {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.network = new UnrolledNetwork(host);
  }

  /** @param {LayersValue} value @param {Words} words */
  show({ layers, directions, steps, parameters, tensors }, words) {
    const columns = stepsShown(steps, innerWidth < NARROW ? MAX_NARROW : MAX_STEPS)
      .map((step) => (step ? { input: `x_${step}`, outputs: [`s_${step}`] } : { input: "…", outputs: ["…"], isGap: true }));
    const shape = (/** @type {string} */ kind, /** @type {number} */ layer, /** @type {boolean} */ reverse) =>
      parameters.find(({ name }) => name === `${kind}_l${layer}${reverse ? "_reverse" : ""}`).shape;
    const way = (/** @type {boolean} */ reverse) => (directions === 1 ? "" : ` ${words[reverse ? "unrolled.backward" : "unrolled.forward"]}`);
    const hasCell = tensors.some(({ name }) => name === "c_n");
    const width = tensors.find(({ name }) => name === "output").shape.at(-1);
    this.network.show({
      columns, layers, directions, isRecurrent: true, hasCell,
      texts: {
        picture: fill(words["unrolled.picture"], { layers, directions, steps }),
        hint: words["unrolled.hint"], cell: hasCell ? words["unrolled.cell"] : "", input: words["unrolled.input"], output: words["unrolled.output"],
        linear: fill(words["unrolled.linear"], { width }),
        row: (layer, reverse) => fill(words["unrolled.row"], { layer, way: way(reverse) }),
        told: (layer, reverse) => fill(words["unrolled.told"], {
          layer, way: way(reverse), steps, inputs: shape("weight_ih", layer, reverse)[1], hidden: shape("weight_hh", layer, reverse)[1],
          ih: shape("weight_ih", layer, reverse).join(", "), hh: shape("weight_hh", layer, reverse).join(", "),
        }),
      },
    });
  }
}
