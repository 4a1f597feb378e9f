import type { RgbFrame } from '../frame.ts';
import type { Quad } from './quad.ts';

/** Coefficients of x = (a u + b v + c) / (g u + h v + 1), and of y with d, e, f. */
interface Homography {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
  readonly g: number;
  readonly h: number;
}

/**
 * Straightens a quad of a picture to a rectangle, as if seen head-on: the projective map of the unit square onto the quad
 * (Heckbert, Fundamentals of Texture Mapping, 1989, 2.2.3), sampled bilinearly. What lies outside of the picture repeats its
 * border.
 */
export function rectify(frame: RgbFrame, quad: Quad, widthPx: number, heightPx: number): RgbFrame {
  const { a, b, c, d, e, f, g, h } = squareToQuad(quad);
  const { rgb: source } = frame;
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  const [lastX, lastY] = [frame.widthPx - 1, frame.heightPx - 1];
  for (let row = 0, at = 0; row < heightPx; row += 1) {
    const v = (row + 0.5) / heightPx;
    for (let column = 0; column < widthPx; column += 1, at += 3) {
      const u = (column + 0.5) / widthPx;
      const depth = g * u + h * v + 1;
      const x = Math.min(Math.max((a * u + b * v + c) / depth - 0.5, 0), lastX);
      const y = Math.min(Math.max((d * u + e * v + f) / depth - 0.5, 0), lastY);
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [right, down] = [x - left, y - top];
      const upper = (top * frame.widthPx + left) * 3;
      const stepX = left < lastX ? 3 : 0;
      const lower = upper + (top < lastY ? frame.widthPx * 3 : 0);
      for (let channel = 0; channel < 3; channel += 1) {
        const above = mix(source[upper + channel], source[upper + stepX + channel], right);
        const below = mix(source[lower + channel], source[lower + stepX + channel], right);
        rgb[at + channel] = Math.round(above + (below - above) * down);
      }
    }
  }
  return { widthPx, heightPx, rgb };
}

function mix(from: number | undefined, to: number | undefined, weight: number): number {
  return (from as number) * (1 - weight) + (to as number) * weight;
}

function squareToQuad([upperLeft, upperRight, lowerRight, lowerLeft]: Quad): Homography {
  const [x0, y0] = [upperLeft.xPx, upperLeft.yPx];
  const [x1, y1] = [upperRight.xPx, upperRight.yPx];
  const [x2, y2] = [lowerRight.xPx, lowerRight.yPx];
  const [x3, y3] = [lowerLeft.xPx, lowerLeft.yPx];
  const [sumX, sumY] = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3];
  const [rightX, rightY] = [x1 - x2, y1 - y2];
  const [lowX, lowY] = [x3 - x2, y3 - y2];
  const area = rightX * lowY - lowX * rightY;
  const g = (sumX * lowY - lowX * sumY) / area;
  const h = (rightX * sumY - sumX * rightY) / area;
  return {
    ...{ a: x1 - x0 + g * x1, b: x3 - x0 + h * x3, c: x0 },
    ...{ d: y1 - y0 + g * y1, e: y3 - y0 + h * y3, f: y0 },
    ...{ g, h },
  };
}
