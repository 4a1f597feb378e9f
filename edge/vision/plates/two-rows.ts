import type { Point } from '../face-models.ts';
import type { RgbFrame } from '../frame.ts';
import { lineWidthPx, PLATE_RECOGNISER } from './plate-input.ts';
import { type Quad, sizeOf } from './quad.ts';
import { rectify } from './rectify.ts';

/**
 * Where the upper row of a yellow rear plate lies (440 × 220 mm, GA 36-2018): characters of 80 × 60 mm, 15 mm above the lower
 * row's of 65 × 110. In parts of the lower row's line, grown as the detector's lines are.
 */
const UPPER = { left: 0.2, right: 0.8, top: -0.56, bottom: 0.04 } as const;
/**
 * Five characters of 65 × 110 mm with 15 between them, as the detector's lines hold them: 2.6 to 2.9 times as wide as high. One that is
 * higher reaches into the upper row.
 */
const LOWER_ASPECT = { usual: 2.75, least: 2.6 } as const;
/** Two characters as wide as those of an ordinary plate. */
const UPPER_WIDTH_PX = 64;

/**
 * The two rows of a plate side by side, as one line to be read. The detector may well miss the upper row, two characters
 * that nothing joins, so its place is taken from the lower one's.
 */
export function joinRows(frame: RgbFrame, lower: Quad): RgbFrame {
  const { heightPx } = PLATE_RECOGNISER;
  const [left, right] = [rectify(frame, upperRow(lower), UPPER_WIDTH_PX, heightPx), straight(frame, lower)];
  const widthPx = left.widthPx + right.widthPx;
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  for (let row = 0; row < heightPx; row += 1) {
    const start = row * widthPx * 3;
    rgb.set(left.rgb.subarray(row * left.widthPx * 3, (row + 1) * left.widthPx * 3), start);
    rgb.set(right.rgb.subarray(row * right.widthPx * 3, (row + 1) * right.widthPx * 3), start + left.widthPx * 3);
  }
  return { widthPx, heightPx, rgb };
}

/** A lower row's line without what it holds of the upper row; undefined when it is no higher than a row is. */
export function lowerRowAlone(line: Quad): Quad | undefined {
  const { widthPx, heightPx } = sizeOf(line);
  if (widthPx >= heightPx * LOWER_ASPECT.least) return undefined;
  const [upperLeft, upperRight, lowerRight, lowerLeft] = line;
  const part = widthPx / LOWER_ASPECT.usual / heightPx;
  const raised = (from: Point, towards: Point): Point => ({
    xPx: from.xPx + (towards.xPx - from.xPx) * part,
    yPx: from.yPx + (towards.yPx - from.yPx) * part,
  });
  return [raised(lowerLeft, upperLeft), raised(lowerRight, upperRight), lowerRight, lowerLeft];
}

/** A line straightened to the height and width at which it is read. */
export function straight(frame: RgbFrame, quad: Quad): RgbFrame {
  return rectify(frame, quad, lineWidthPx(sizeOf(quad)), PLATE_RECOGNISER.heightPx);
}

function upperRow([upperLeft, upperRight, , lowerLeft]: Quad): Quad {
  const at = (right: number, down: number): Point => ({
    xPx: upperLeft.xPx + right * (upperRight.xPx - upperLeft.xPx) + down * (lowerLeft.xPx - upperLeft.xPx),
    yPx: upperLeft.yPx + right * (upperRight.yPx - upperLeft.yPx) + down * (lowerLeft.yPx - upperLeft.yPx),
  });
  const { left, right, top, bottom } = UPPER;
  return [at(left, top), at(right, top), at(right, bottom), at(left, bottom)];
}
