// @ts-check
// The phase plane of a window as the points of its two figures, without the page (rnnlab/figures/phase.py has the same).

/** @import { PhasePlaneRow } from "../../frontend/types.d.ts" */

/** @typedef {[number, number]} Point */
/** @typedef {{ x: number[], y: number[], angle?: number[], customdata?: number[] }} TracePoints */

export const MAX_RADIUS = 1.22; // of an eigenvalue that is drawn where it is; a larger one is an arrow there
const REACHES = [0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 12, 16, 24, 32]; // as far as states can be apart
const ARROWS = 6;

/** @param {Point[]} points @returns {TracePoints} */
const columns = (points) => ({ x: points.map(([x]) => x), y: points.map(([, y]) => y) });

/** @param {number} dx @param {number} dy in degrees clockwise from up, as Plotly turns markers */
const heading = (dx, dy) => (Math.atan2(dx, dy) * 180) / Math.PI;

/** @param {Point[]} points @returns {Point[]} each with its conjugate, if that is another */
const pairsOf = (points) => points.flatMap(([x, y]) => /** @type {Point[]} */ (y ? [[x, y], [x, -y]] : [[x, y]]));

/** @param {Point[]} points @returns {TracePoints} those inside the picture, with their magnitudes */
function cloud(points) {
  const near = points.filter(([x, y]) => Math.hypot(x, y) <= MAX_RADIUS);
  return { ...columns(near), customdata: near.map(([x, y]) => Math.hypot(x, y)) };
}

/**
 * Put some arrows on a way, each in the middle of a part of it.
 * @param {Point[]} points
 * @returns {TracePoints}
 */
export function arrowsOf(points) {
  const stride = Math.max(1, (points.length - 1) / ARROWS);
  /** @type {TracePoints} */
  const found = { x: [], y: [], angle: [] };
  for (let k = 0; k < Math.min(ARROWS, points.length - 1); k++) {
    const i = Math.floor(stride * (k + 0.5)), [x0, y0] = points[i], [x1, y1] = points[i + 1];
    if (x0 === x1 && y0 === y1) continue;
    found.x.push((x0 + x1) / 2);
    found.y.push((y0 + y1) / 2);
    found.angle?.push(heading(x1 - x0, y1 - y0));
  }
  return found;
}

/**
 * Fill the traces of the plane.
 * @param {PhasePlaneRow} row
 * @param {number} windows of the way alone that are drawn
 * @returns {Record<string, TracePoints>}
 */
export function waysOf(row, windows) {
  const alone = row.alone.slice(0, 1 + Math.round(windows * (row.alone_per_window ?? 0)));
  const rest = row.rest.length ? [/** @type {Point} */ (row.rest)] : [];
  return {
    driven: columns(row.driven), alone: columns(alone), driven_arrows: arrowsOf(row.driven), alone_arrows: arrowsOf(alone),
    rest: columns(rest), start: columns(row.driven.slice(0, 1)),
  };
}

/**
 * Fill the traces of the eigenvalues.
 * @param {PhasePlaneRow[]} rows up to the window that is shown, which is the last
 * @returns {Record<string, TracePoints>}
 */
export function cloudsOf(rows) {
  const { driven_eigenvalues: driven, rest_eigenvalues: alone } = rows[rows.length - 1];
  const far = pairsOf([...driven, ...alone]).filter(([x, y]) => Math.hypot(x, y) > MAX_RADIUS);
  const rim = far.map(([x, y]) => /** @type {Point} */ ([(MAX_RADIUS * x) / Math.hypot(x, y), (MAX_RADIUS * y) / Math.hypot(x, y)]));
  const trail = rows.flatMap(({ rest_eigenvalues: [first] }) => (first ? [first] : []));
  return {
    driven: cloud(pairsOf(driven)), trail: cloud(trail), alone: cloud(pairsOf(alone)), leading: cloud(pairsOf(alone.slice(0, 1))),
    beyond: { ...columns(rim), angle: far.map(([x, y]) => heading(x, y)) },
  };
}

/**
 * Half the side of a plane that holds the ways of a window; one of few sizes, so that it seldom changes as windows pass.
 * @param {PhasePlaneRow} row
 */
export function reachOf({ driven, alone }) {
  const most = [...driven, ...alone].flat().reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return REACHES.find((reach) => reach >= 1.1 * most) ?? REACHES[REACHES.length - 1];
}

/**
 * The planes of a memory up to a window, which is counted from 1; after the training all of them.
 * @param {PhasePlaneRow[]} rows
 * @param {number} window
 */
export const upTo = (rows, window) => rows.filter((row) => row.window <= window);

/**
 * The angle of the largest eigenvalue in degrees.
 * @param {Point[]} eigenvalues
 * @returns {number | null}
 */
export const angleOf = (eigenvalues) => (eigenvalues.length ? (Math.atan2(eigenvalues[0][1], eigenvalues[0][0]) * 180) / Math.PI : null);
