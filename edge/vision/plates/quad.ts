import type { PixelBox } from '../box.ts';
import type { Point } from '../face-models.ts';

/** A tilted rectangle, or one seen from the side: upper left, upper right, lower right, lower left, as one reads it. */
export type Quad = readonly [Point, Point, Point, Point];

/** The upright rectangle around it. */
export function boxAround(quad: Quad): PixelBox {
  const xs = quad.map(({ xPx }) => xPx);
  const ys = quad.map(({ yPx }) => yPx);
  const [leftPx, topPx] = [Math.min(...xs), Math.min(...ys)];
  return { leftPx, topPx, widthPx: Math.max(...xs) - leftPx, heightPx: Math.max(...ys) - topPx };
}

/** Means of opposite sides: of the line of text itself, not of the rectangle around it. */
export function sizeOf([upperLeft, upperRight, lowerRight, lowerLeft]: Quad): { widthPx: number; heightPx: number } {
  const length = (a: Point, b: Point) => Math.hypot(a.xPx - b.xPx, a.yPx - b.yPx);
  return {
    widthPx: (length(upperLeft, upperRight) + length(lowerLeft, lowerRight)) / 2,
    heightPx: (length(upperLeft, lowerLeft) + length(upperRight, lowerRight)) / 2,
  };
}

/** Each corner multiplied by `scale` and then moved. */
export function placeQuad(quad: Quad, scale: { readonly x: number; readonly y: number }, offset: Point): Quad {
  const [a, b, c, d] = quad;
  const place = ({ xPx, yPx }: Point): Point => ({ xPx: xPx * scale.x + offset.xPx, yPx: yPx * scale.y + offset.yPx });
  return [place(a), place(b), place(c), place(d)];
}
