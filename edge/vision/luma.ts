import { assertFrame, type RgbFrame } from './frame.ts';

/** A picture's brightness, one byte a pixel. */
export interface LumaPlane {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly luma: Uint8Array;
}

/** Brightness after ITU-R BT.601 (0.299, 0.587, 0.114), in 256ths. @throws VisionError FRAME_INVALID */
export function lumaOf(frame: RgbFrame): LumaPlane {
  assertFrame(frame);
  const { widthPx, heightPx, rgb } = frame;
  const luma = new Uint8Array(widthPx * heightPx);
  for (let pixel = 0, at = 0; pixel < luma.length; pixel += 1, at += 3) {
    luma[pixel] = (77 * (rgb[at] as number) + 150 * (rgb[at + 1] as number) + 29 * (rgb[at + 2] as number)) >> 8;
  }
  return { widthPx, heightPx, luma };
}

/** The picture is judged in blocks, so that a burnt-in clock spoils few of them: 16 x 9, each 40 x 40 pixels at 640 x 360. */
const COLUMNS = 16;
const ROWS = 9;
/** A block is divided into 5 x 5 cells to see whether it shows anything; their means are free of sensor noise. */
const CELLS = 5;

/**
 * The share of blocks, 0..1, whose pixels differ by more than `threshold` luma steps on average between two pictures of one
 * size.
 */
export function changedShare(a: LumaPlane, b: LumaPlane, threshold: number): number {
  let changed = 0;
  forEachTile(a, COLUMNS, ROWS, (left, top, right, bottom) => {
    let sum = 0;
    for (let y = top; y < bottom; y += 1) {
      for (let at = y * a.widthPx + left; at < y * a.widthPx + right; at += 1) {
        sum += Math.abs((a.luma[at] as number) - (b.luma[at] as number));
      }
    }
    if (sum > threshold * (right - left) * (bottom - top)) changed += 1;
  });
  return changed / (COLUMNS * ROWS);
}

/** The share of blocks, 0..1, that show something: the standard deviation of their cells exceeds `contrast` luma steps. */
export function detailedShare(picture: LumaPlane, contrast: number): number {
  const columns = COLUMNS * CELLS;
  const means = new Float64Array(columns * ROWS * CELLS);
  let cell = 0;
  forEachTile(picture, columns, ROWS * CELLS, (left, top, right, bottom) => {
    let sum = 0;
    for (let y = top; y < bottom; y += 1) {
      for (let at = y * picture.widthPx + left; at < y * picture.widthPx + right; at += 1) {
        sum += picture.luma[at] as number;
      }
    }
    means[cell] = sum / Math.max(1, (right - left) * (bottom - top));
    cell += 1;
  });
  let detailed = 0;
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      let sum = 0;
      let sumOfSquares = 0;
      for (let y = row * CELLS; y < (row + 1) * CELLS; y += 1) {
        for (let x = column * CELLS; x < (column + 1) * CELLS; x += 1) {
          const mean = means[y * columns + x] as number;
          sum += mean;
          sumOfSquares += mean * mean;
        }
      }
      const count = CELLS * CELLS;
      if (sumOfSquares / count - (sum / count) ** 2 > contrast * contrast) detailed += 1;
    }
  }
  return detailed / (COLUMNS * ROWS);
}

/** Divides a picture into tiles of almost the same size, row by row. */
function forEachTile(
  { widthPx, heightPx }: LumaPlane,
  columns: number,
  rows: number,
  visit: (left: number, top: number, right: number, bottom: number) => void,
): void {
  const edge = (index: number, count: number, length: number) => Math.floor((index * length) / count);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      visit(
        edge(column, columns, widthPx),
        edge(row, rows, heightPx),
        edge(column + 1, columns, widthPx),
        edge(row + 1, rows, heightPx),
      );
    }
  }
}
