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

export const BLOCK_COUNT = COLUMNS * ROWS;

export const BLOCK_CELLS = CELLS * CELLS;

/** Mean brightness of each cell, 80 x 45, row by row. */
export function cellMeans(picture: LumaPlane): Float32Array {
  const columns = COLUMNS * CELLS;
  const means = new Float32Array(columns * ROWS * CELLS);
  for (const cell of means.keys()) {
    const { left, top, right, bottom } = tile(picture, cell, columns, ROWS * CELLS);
    let sum = 0;
    for (let y = top; y < bottom; y += 1) {
      for (let at = y * picture.widthPx + left; at < y * picture.widthPx + right; at += 1) {
        sum += picture.luma[at] as number;
      }
    }
    means[cell] = sum / Math.max(1, (right - left) * (bottom - top));
  }
  return means;
}

const CELLS_OF_BLOCK: readonly (readonly number[])[] = Array.from({ length: BLOCK_COUNT }, (_, block) => {
  const [column, row] = [block % COLUMNS, Math.floor(block / COLUMNS)];
  return Array.from({ length: BLOCK_CELLS }, (_cell, cell) => {
    const [x, y] = [column * CELLS + (cell % CELLS), row * CELLS + Math.floor(cell / CELLS)];
    return y * COLUMNS * CELLS + x;
  });
});

/** The places of a block's cells among all of them. */
export function blockCells(block: number): readonly number[] {
  return CELLS_OF_BLOCK[block] ?? [];
}

/** The blocks that show something: the standard deviation of their cells exceeds `contrast` luma steps. By their number. */
export function detailedBlocks(means: Float32Array, contrast: number): number[] {
  return Array.from({ length: BLOCK_COUNT }, (_, block) => block).filter((block) => {
    let sum = 0;
    let sumOfSquares = 0;
    for (const cell of blockCells(block)) {
      const mean = means[cell] as number;
      sum += mean;
      sumOfSquares += mean * mean;
    }
    return sumOfSquares / BLOCK_CELLS - (sum / BLOCK_CELLS) ** 2 > contrast * contrast;
  });
}

export interface BlockDifference {
  /** A pixel differs from this many luma steps on. */
  readonly minSteps: number;
  /** A block differs when more than this share of its pixels does. */
  readonly pixelShare: number;
}

/** Whether at most `maxCount` of these blocks differ between two pictures of one size. Stops counting when more do. */
export function isSamePicture(
  a: LumaPlane,
  b: LumaPlane,
  blocks: readonly number[],
  difference: BlockDifference,
  maxCount: number,
): boolean {
  let count = 0;
  for (const block of blocks) {
    if (differs(a, b, tile(a, block, COLUMNS, ROWS), difference)) count += 1;
    if (count > maxCount) return false;
  }
  return true;
}

function differs(a: LumaPlane, b: LumaPlane, { left, top, right, bottom }: Tile, by: BlockDifference): boolean {
  let allowed = Math.floor(by.pixelShare * (right - left) * (bottom - top));
  for (let y = top; y < bottom; y += 1) {
    for (let at = y * a.widthPx + left; at < y * a.widthPx + right; at += 1) {
      if (Math.abs((a.luma[at] as number) - (b.luma[at] as number)) < by.minSteps) continue;
      if (allowed === 0) return true;
      allowed -= 1;
    }
  }
  return false;
}

interface Tile {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** One of the tiles, of almost the same size, that a picture is divided into, numbered row by row. */
function tile({ widthPx, heightPx }: LumaPlane, index: number, columns: number, rows: number): Tile {
  const [column, row] = [index % columns, Math.floor(index / columns)];
  return {
    left: Math.floor((column * widthPx) / columns),
    top: Math.floor((row * heightPx) / rows),
    right: Math.floor(((column + 1) * widthPx) / columns),
    bottom: Math.floor(((row + 1) * heightPx) / rows),
  };
}
