import { assertFrame, type RgbFrame } from './frame.ts';

/** A corner of a polygon, as fractions of the picture: 0 is left or top, 1 is right or bottom. */
export type Corner = readonly [number, number];
export type Polygon = readonly Corner[];

export interface MotionWatchOptions {
  /** What moves inside is not looked at: a flag, a road behind the fence. */
  readonly masks?: readonly Polygon[];
  /** If there are any, only what moves inside one of them counts. */
  readonly zones?: readonly Polygon[];
  /** 1 to 100, default 50. 25 more halve the difference that counts. */
  readonly sensitivity?: number;
}

export interface MotionVerdict {
  readonly isMoving: boolean;
  /** Share of the cells looked at that differ from the street as it usually is, 0..1. */
  readonly score: number;
}

export interface MotionWatch {
  /** @param atMs when the frame was taken; an earlier one than before starts all over. @throws VisionError FRAME_INVALID */
  observe(atMs: number, frame: RgbFrame): MotionVerdict;
}

/** 10 x 10 pixels each at 640 x 360: a head at the least size worth a capture covers twenty, sensor noise averages out. */
const COLUMNS = 64;
const ROWS = 36;
/**
 * Luma steps at sensitivity 50. Noise of 6 steps leaves 0.6 in a cell's mean, a key frame of x264 at 1 Mbit/s moves it by
 * up to 3; a person against a wall of the same grey still differs by 10 and more in outline and shadow.
 */
const MIN_STEPS = 8;
/** So many cells make motion: less than a head, more than a moth, a flickering lamp or the changing digit of a clock. */
const MIN_CELLS = 8;
/** Darker than this, noise and rounding are more of a cell than light is. */
const DARK = 24;
/** How fast what stands still becomes part of the street. */
const BACKGROUND_MS = 10_000;
/** How long a cell that never rests (a tree, a burnt-in clock) takes to be known for it. */
const RESTLESS_MS = 60_000;
/** A restless cell has to differ by so many times what is usual there. */
const RESTLESS_FACTOR = 3;

/**
 * Says whether something moves, from the means of small cells against a slowly following background. The change of light that
 * all cells have in common is taken out: a cloud before the sun moves nothing. Takes half a millisecond.
 */
export function createMotionWatch(options: MotionWatchOptions = {}): MotionWatch {
  const { masks = [], zones = [], sensitivity = 50 } = options;
  const minSteps = MIN_STEPS * 2 ** ((50 - sensitivity) / 25);
  const watched = cellsWithin(masks, zones);
  let background: Float32Array | undefined;
  let restlessness = new Float32Array(COLUMNS * ROWS);
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let pictures = 0;

  return {
    observe(atMs, frame) {
      const means = cellMeans(frame);
      if (background === undefined || atMs < lastAtMs) {
        background = means;
        restlessness = new Float32Array(COLUMNS * ROWS);
        lastAtMs = atMs;
        pictures = 0;
        return { isMoving: false, score: 0 };
      }
      const elapsedMs = atMs - lastAtMs;
      lastAtMs = atMs;
      pictures++;
      // The plain mean of the first pictures, then one that forgets.
      const follow = Math.max(1 - Math.exp(-elapsedMs / BACKGROUND_MS), 1 / (pictures + 1));
      const learn = Math.max(1 - Math.exp(-elapsedMs / RESTLESS_MS), 1 / pictures);
      const light = medianGain(means, background, watched);
      let moving = 0;
      for (const cell of watched) {
        const usual = background[cell] as number;
        const restless = restlessness[cell] as number;
        const steps = Math.abs((means[cell] as number) - usual * light);
        if (steps >= minSteps + RESTLESS_FACTOR * restless) moving++;
        restlessness[cell] = restless + (steps - restless) * learn;
        background[cell] = usual + ((means[cell] as number) - usual) * follow;
      }
      const score = watched.length === 0 ? 0 : moving / watched.length;
      return { isMoving: moving >= MIN_CELLS, score };
    },
  };
}

/** Mean luma of each cell, row by row. Every second pixel both ways: a quarter of the work, a little more noise. */
function cellMeans(frame: RgbFrame): Float32Array {
  assertFrame(frame);
  const { rgb, widthPx, heightPx } = frame;
  const sums = new Float32Array(COLUMNS * ROWS);
  const [columns, rows] = [firstOfEach(COLUMNS, widthPx), firstOfEach(ROWS, heightPx)];
  for (let row = 0; row < ROWS; row += 1) {
    const [top, bottom] = [rows[row] as number, rows[row + 1] as number];
    for (let y = top; y < bottom; y += 2) {
      for (let column = 0; column < COLUMNS; column += 1) {
        const end = (y * widthPx + (columns[column + 1] as number)) * 3;
        let sum = 0;
        // BT.601, in 256ths, as in luma.ts.
        for (let at = (y * widthPx + (columns[column] as number)) * 3; at < end; at += 6) {
          sum += (77 * (rgb[at] as number) + 150 * (rgb[at + 1] as number) + 29 * (rgb[at + 2] as number)) >> 8;
        }
        const cell = row * COLUMNS + column;
        sums[cell] = (sums[cell] as number) + sum;
      }
    }
  }
  for (let cell = 0; cell < sums.length; cell += 1) {
    const [column, row] = [cell % COLUMNS, Math.floor(cell / COLUMNS)];
    const count = halfOf(columns, column) * halfOf(rows, row);
    sums[cell] = (sums[cell] as number) / Math.max(1, count);
  }
  return sums;
}

/** The first even pixel of each of so many equal parts of a side, and one past the last. */
function firstOfEach(parts: number, sidePx: number): Int32Array {
  return Int32Array.from({ length: parts + 1 }, (_, part) => 2 * Math.ceil(Math.ceil((part * sidePx) / parts) / 2));
}

/** Every second pixel of a part. */
function halfOf(firsts: Int32Array, part: number): number {
  return ((firsts[part + 1] as number) - (firsts[part] as number)) / 2;
}

/** By how much more light there is than usual; 1 where too little is to be seen to say. */
function medianGain(means: Float32Array, background: Float32Array, cells: readonly number[]): number {
  // One cell in eight: a median of hundreds is as good.
  const bright = cells.filter((cell, place) => place % 8 === 0 && (background[cell] as number) >= DARK);
  const gains = Float32Array.from(bright, (cell) => (means[cell] as number) / (background[cell] as number));
  return gains.sort()[Math.floor(gains.length / 2)] ?? 1;
}

/** The cells whose middle lies in a zone, if there are zones, and in no mask. */
function cellsWithin(masks: readonly Polygon[], zones: readonly Polygon[]): number[] {
  return Array.from({ length: COLUMNS * ROWS }, (_, cell) => cell).filter((cell) => {
    const middle: Corner = [((cell % COLUMNS) + 0.5) / COLUMNS, (Math.floor(cell / COLUMNS) + 0.5) / ROWS];
    if (masks.some((mask) => isInside(middle, mask))) return false;
    return zones.length === 0 || zones.some((zone) => isInside(middle, zone));
  });
}

/** Even-odd rule: a ray to the right crosses the polygon's edges an odd number of times. */
export function isInside([x, y]: Corner, polygon: Polygon): boolean {
  let isIn = false;
  for (const [index, [fromX, fromY]] of polygon.entries()) {
    const [toX, toY] = polygon[(index + 1) % polygon.length] as Corner;
    if (fromY > y !== toY > y && x < fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX)) isIn = !isIn;
  }
  return isIn;
}
