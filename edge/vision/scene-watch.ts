import type { DetailedPicture } from './detailed-picture.ts';
import { BLOCK_CELLS, BLOCK_COUNT, blockCells } from './luma.ts';

export interface SceneWatchOptions {
  /** How long another scene must have been seen for the camera to count as turned. Default 10,000: longer than a lorry takes. */
  readonly movedAfterMs?: number;
  /** How long the old scene must be back. Default 5,000. */
  readonly backAfterMs?: number;
  /** A new scene that stands for so long was meant by somebody, and is what is usual from then on. Default an hour. */
  readonly acceptAfterMs?: number;
}

export interface SceneVerdict {
  readonly isMoved: boolean;
  /** Since when it has been as it is. */
  readonly sinceMs: number;
}

export interface SceneWatch {
  /** @param picture undefined while the picture shows nothing: then nothing is learnt, and nothing changes */
  observe(atMs: number, picture: DetailedPicture | undefined): SceneVerdict;
  /** The camera is being turned on purpose: what it shows next is usual. */
  forget(): void;
}

/**
 * A block looks the same when its pattern does, whatever the light: correlation of its 5 x 5 cell means with those of the
 * usual picture. Share of blocks below, measured at 640 x 360 (scene-watch.test.ts):
 *
 * | against the usual picture | below |
 * |---|---|
 * | the same street: noise, a seventh of the light, a lamp at night, a shadow over half of it | 0 to 10 % |
 * | somebody close up, over a fifth of the width | 25 % |
 * | a lorry over 60 % of the width and 80 % of the height | 42 to 47 % |
 * | turned by 1 % of the picture's width | 16 to 39 % |
 * | turned by 2.5 % and more, another street | 57 to 95 % |
 */
const SAME_CORRELATION = 0.6;
const MOVED_SHARE = 0.55;
/** To count as back it must look clearly more like it did than it takes to be taken for moved. */
const BACK_SHARE = 0.4;
/** Contrast from which a block of the usual picture has a pattern; with fewer of them nothing can be said. */
const CONTRAST = 4;
const MIN_BLOCKS = 0.1 * BLOCK_COUNT;
/** Shadows wander by their own width in a quarter of an hour. */
const BACKGROUND_MS = 10 * 60_000;

/**
 * Says whether a camera shows another scene than it usually does: it was turned, or hangs loose. Compares each picture, block
 * by block, with a slow mean. Outlives outages: who turns a camera may unplug it first.
 */
export function createSceneWatch(options: SceneWatchOptions = {}): SceneWatch {
  const { movedAfterMs = 10_000, backAfterMs = 5_000, acceptAfterMs = 3_600_000 } = options;
  let usual: Float32Array | undefined;
  let pictures = 0;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let isMoved = false;
  let sinceMs = Number.NEGATIVE_INFINITY;
  /** Since when the pictures have contradicted the state. */
  let otherwiseSinceMs: number | undefined;

  function learn(cells: Float32Array, elapsedMs: number): void {
    if (usual === undefined) {
      usual = cells.slice();
      pictures = 1;
      return;
    }
    pictures++;
    // The plain mean of the first pictures, then one that forgets.
    const follow = Math.max(1 - Math.exp(-elapsedMs / BACKGROUND_MS), 1 / pictures);
    for (const [cell, mean] of cells.entries()) {
      const before = usual[cell] as number;
      usual[cell] = before + (mean - before) * follow;
    }
  }

  function forget(): void {
    usual = undefined;
    otherwiseSinceMs = undefined;
  }

  return {
    forget,
    observe(atMs, picture) {
      const elapsedMs = Math.max(0, atMs - lastAtMs);
      if (picture === undefined) return { isMoved, sinceMs };
      // The machine's clock was set: what was waited for is waited for anew.
      if (atMs < lastAtMs) otherwiseSinceMs = undefined;
      lastAtMs = atMs;
      const { cells } = picture;
      if (usual === undefined) {
        learn(cells, 0);
        if (isMoved) sinceMs = atMs;
        isMoved = false;
        return { isMoved, sinceMs };
      }
      const share = otherShare(usual, cells);
      const looksOther = share > (isMoved ? BACK_SHARE : MOVED_SHARE);
      if (!looksOther && !isMoved) learn(cells, elapsedMs);
      otherwiseSinceMs = looksOther === isMoved ? undefined : (otherwiseSinceMs ?? atMs);
      if (otherwiseSinceMs !== undefined && atMs - otherwiseSinceMs >= (isMoved ? backAfterMs : movedAfterMs)) {
        isMoved = looksOther;
        sinceMs = otherwiseSinceMs;
        otherwiseSinceMs = undefined;
      } else if (isMoved && atMs - sinceMs >= acceptAfterMs) {
        forget();
      }
      return { isMoved, sinceMs };
    },
  };
}

/** For a camera that turns by itself: every scene is one that it usually shows. */
export function createPatrolledScene(): SceneWatch {
  const verdict: SceneVerdict = { isMoved: false, sinceMs: Number.NEGATIVE_INFINITY };
  return { observe: () => verdict, forget: () => undefined };
}

/** Of the blocks of the usual picture that have a pattern, the share in which it is not seen; 0 when there are too few. */
export function otherShare(usual: Float32Array, now: Float32Array): number {
  let patterned = 0;
  let other = 0;
  for (let block = 0; block < BLOCK_COUNT; block += 1) {
    const cells = blockCells(block);
    const { deviation, correlation } = compare(usual, now, cells);
    if (deviation <= CONTRAST) continue;
    patterned += 1;
    if (correlation < SAME_CORRELATION) other += 1;
  }
  return patterned < MIN_BLOCKS ? 0 : other / patterned;
}

/** Standard deviation of the usual cells, and Pearson's correlation; 0 where the new ones show no pattern at all. */
function compare(usual: Float32Array, now: Float32Array, cells: readonly number[]) {
  const sums = { a: 0, b: 0, aa: 0, bb: 0, ab: 0 };
  for (const cell of cells) {
    const [a, b] = [usual[cell] as number, now[cell] as number];
    sums.a += a;
    sums.b += b;
    sums.aa += a * a;
    sums.bb += b * b;
    sums.ab += a * b;
  }
  const count = BLOCK_CELLS;
  const variance = sums.aa / count - (sums.a / count) ** 2;
  const varianceNow = sums.bb / count - (sums.b / count) ** 2;
  const covariance = sums.ab / count - (sums.a / count) * (sums.b / count);
  // Below this a pattern is rounding.
  const isFlat = variance < 0.01 || varianceNow < 0.01;
  return {
    deviation: Math.sqrt(Math.max(0, variance)),
    correlation: isFlat ? 0 : covariance / Math.sqrt(variance * varianceNow),
  };
}
