import type { Point } from './face-models.ts';
import { applySimilarity, fitSimilarity } from './similarity-transform.ts';

/** How the points of a face moved between two frames, as mean distances in parts of the distance between the eyes. */
export interface PointMotion {
  /** What is left when the face may have moved, turned in the picture and come nearer. */
  readonly beyondSimilarity: number;
  /** What is left when it may be a flat sheet that turned in space: a homography. */
  readonly beyondPlane: number;
}

/**
 * Splits the motion of points into what a rigid move explains, what a turned sheet explains, and what neither does. A print
 * or a screen leaves nothing but the landmarks' noise; a head that turns, or a mouth that moves, leaves more.
 *
 * @param eyeDistancePx of the first frame
 * @returns undefined when the points do not span a plane
 */
export function pointMotion(
  before: readonly Point[],
  after: readonly Point[],
  eyeDistancePx: number,
): PointMotion | undefined {
  const similarity = fitSimilarity(before, after);
  const homography = fitHomography(before, after);
  if (similarity === undefined || homography === undefined || !(eyeDistancePx > 0)) return undefined;
  const left = (guess: (point: Point) => Point): number => {
    const squares = before.map((point, index) => {
      const { xPx, yPx } = guess(point);
      return (xPx - (after[index]?.xPx ?? 0)) ** 2 + (yPx - (after[index]?.yPx ?? 0)) ** 2;
    });
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length) / eyeDistancePx;
  };
  return {
    beyondSimilarity: left((point) => applySimilarity(similarity, point)),
    beyondPlane: left(homography),
  };
}

/**
 * The homography that brings points closest to others: the direct linear transform with its last element fixed, after moving
 * both sets to their centre and unit spread (Hartley 1997).
 */
function fitHomography(before: readonly Point[], after: readonly Point[]): ((point: Point) => Point) | undefined {
  const from = normaliser(before);
  const to = normaliser(after);
  const normal = Array.from({ length: 8 }, () => new Float64Array(9));
  const add = (row: readonly number[], value: number): void => {
    for (let i = 0; i < 8; i += 1) {
      const line = normal[i] as Float64Array;
      for (let j = 0; j < 8; j += 1) line[j] = (line[j] ?? 0) + (row[i] ?? 0) * (row[j] ?? 0);
      line[8] = (line[8] ?? 0) + (row[i] ?? 0) * value;
    }
  };
  for (const [index, point] of before.entries()) {
    const [x, y] = from.apply(point);
    const [u, v] = to.apply(after[index] ?? point);
    add([x, y, 1, 0, 0, 0, -u * x, -u * y], u);
    add([0, 0, 0, x, y, 1, -v * x, -v * y], v);
  }
  const h = solve(normal);
  if (h === undefined) return undefined;
  return (point) => {
    const [x, y] = from.apply(point);
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, i = 0] = h;
    const depth = g * x + i * y + 1;
    return to.undo((a * x + b * y + c) / depth, (d * x + e * y + f) / depth);
  };
}

function normaliser(points: readonly Point[]) {
  const mean = (axis: 'xPx' | 'yPx') => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [centreX, centreY] = [mean('xPx'), mean('yPx')];
  const spread =
    points.reduce((sum, { xPx, yPx }) => sum + Math.hypot(xPx - centreX, yPx - centreY), 0) / points.length || 1;
  return {
    apply: ({ xPx, yPx }: Point): readonly [number, number] => [(xPx - centreX) / spread, (yPx - centreY) / spread],
    undo: (x: number, y: number): Point => ({ xPx: x * spread + centreX, yPx: y * spread + centreY }),
  };
}

/** Gauss with pivoting on eight equations; undefined when they do not determine the unknowns. */
function solve(rows: Float64Array[]): number[] | undefined {
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) {
      if (Math.abs(rows[row]?.[column] ?? 0) > Math.abs(rows[pivot]?.[column] ?? 0)) pivot = row;
    }
    const line = rows[pivot] as Float64Array;
    const head = line[column] ?? 0;
    if (Math.abs(head) < 1e-12) return undefined;
    rows[pivot] = rows[column] as Float64Array;
    rows[column] = line;
    for (const [row, other] of rows.entries()) {
      if (row === column) continue;
      const factor = (other[column] ?? 0) / head;
      for (let at = column; at <= size; at += 1) other[at] = (other[at] ?? 0) - factor * (line[at] ?? 0);
    }
  }
  return rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}
