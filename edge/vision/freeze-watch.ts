import { changedShare, type LumaPlane } from './luma.ts';

/**
 * A block has changed when its pixels differ by more than this, on average, from when the picture last stood still.
 * Measured at 640 x 360: every key frame of a still street with noise of 1 to 6 steps through x264 (crf 28 and 34, 100 to
 * 500 kbit/s) changes 81 to 100 % of the blocks, at night 44 %. A frozen picture encoded again (crf 28, constant quantiser,
 * 1 Mbit/s) changes 0 to 3 %, a running clock adds 3 %. A freeze whose encoder is starved of bits (200 kbit/s) changes as much
 * as a live picture and is not recognised.
 */
const CHANGED_BY = 1;
const FROZEN_SHARE = 0.2;
export interface FreezeWatch {
  /**
   * @param picture undefined while the picture shows nothing: whether it stands still cannot be said then
   * @returns whether it is frozen, and since when it has been as it is
   */
  observe(atMs: number, picture: LumaPlane | undefined): { readonly isFrozen: boolean; readonly sinceMs: number };
}

/**
 * Says whether a picture stands still: compares each with the one from when it last changed. One change does not end a
 * freeze, since an encoder may settle late: it takes a second one, `clearAfterMs` or more after the first.
 */
export function createFreezeWatch(options: {
  readonly frozenAfterMs: number;
  readonly clearAfterMs: number;
}): FreezeWatch {
  let anchor: { readonly picture: LumaPlane; readonly atMs: number } | undefined;
  let firstMoveAtMs: number | undefined;
  let isFrozen = false;
  let sinceMs = Number.NEGATIVE_INFINITY;

  function hasMoved(picture: LumaPlane): boolean {
    if (anchor === undefined) return true;
    const { widthPx, heightPx } = anchor.picture;
    if (picture.widthPx !== widthPx || picture.heightPx !== heightPx) return true;
    return changedShare(anchor.picture, picture, CHANGED_BY) > FROZEN_SHARE;
  }

  return {
    observe(atMs, picture) {
      if (picture === undefined) {
        anchor = undefined;
        firstMoveAtMs = undefined;
        if (isFrozen) sinceMs = atMs;
        isFrozen = false;
      } else if (anchor === undefined || hasMoved(picture)) {
        anchor = { picture, atMs };
        firstMoveAtMs ??= atMs;
        if (isFrozen && atMs - firstMoveAtMs >= options.clearAfterMs) {
          isFrozen = false;
          sinceMs = firstMoveAtMs;
        }
      } else if (atMs - anchor.atMs >= options.frozenAfterMs) {
        firstMoveAtMs = undefined;
        if (!isFrozen) sinceMs = anchor.atMs;
        isFrozen = true;
      }
      return { isFrozen, sinceMs };
    },
  };
}
