import type { Point } from './face-models.ts';

/** x' = a·x − b·y + right, y' = b·x + a·y + down: turns, scales and moves, and does nothing else. */
export interface SimilarityTransform {
  readonly a: number;
  readonly b: number;
  readonly rightPx: number;
  readonly downPx: number;
}

/**
 * The similarity that brings `from` closest to `to`, point by point, in the sense of least squares (Umeyama 1991, in the
 * plane and without reflections).
 * @returns undefined when the points of `from` are one point
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): SimilarityTransform | undefined {
  const source = centreOf(from);
  const target = centreOf(to);
  let along = 0;
  let across = 0;
  let spread = 0;
  for (const [index, point] of from.entries()) {
    const x = point.xPx - source.xPx;
    const y = point.yPx - source.yPx;
    const u = (to[index]?.xPx ?? 0) - target.xPx;
    const v = (to[index]?.yPx ?? 0) - target.yPx;
    along += x * u + y * v;
    across += x * v - y * u;
    spread += x * x + y * y;
  }
  if (!(spread > 1e-9)) return undefined;
  const a = along / spread;
  const b = across / spread;
  return {
    ...{ a, b },
    rightPx: target.xPx - a * source.xPx + b * source.yPx,
    downPx: target.yPx - b * source.xPx - a * source.yPx,
  };
}

export function applySimilarity({ a, b, rightPx, downPx }: SimilarityTransform, { xPx, yPx }: Point): Point {
  return { xPx: a * xPx - b * yPx + rightPx, yPx: b * xPx + a * yPx + downPx };
}

function centreOf(points: readonly Point[]): Point {
  const sum = (axis: 'xPx' | 'yPx') => points.reduce((total, point) => total + point[axis], 0);
  return { xPx: sum('xPx') / points.length, yPx: sum('yPx') / points.length };
}
