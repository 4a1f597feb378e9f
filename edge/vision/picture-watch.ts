import type { RgbFrame } from './frame.ts';
import { changedShare, detailedShare, type LumaPlane, lumaOf } from './luma.ts';

export type PictureState = 'ok' | 'frozen' | 'covered';

export interface PictureWatchOptions {
  /**
   * How long a picture must stand still to be frozen. Default 15,000. It must be longer than the camera's key frame
   * interval: between two key frames a quiet street through H.264 may stand perfectly still, with each key frame its noise
   * is drawn anew.
   */
  readonly frozenAfterMs?: number;
  /** How long a picture must show nothing to be covered. Default 3,000: longer than a bird or a passing umbrella. */
  readonly coveredAfterMs?: number;
  /** How long a picture must be fine again to be called so. Default 2,000. */
  readonly clearAfterMs?: number;
  /** Frames closer together than this are passed over. Default 200. */
  readonly minIntervalMs?: number;
}

export interface PictureVerdict {
  readonly state: PictureState;
  /** Since when the picture has been so, by the frames' times: when it stood still, not when that was believed. */
  readonly sinceMs: number;
  /** Whether this frame changed the state. */
  readonly changed: boolean;
}

export interface PictureWatch {
  /**
   * @param atMs when the frame was taken; an earlier one than before starts all over, as after a reconnect
   * @throws VisionError FRAME_INVALID
   */
  observe(atMs: number, frame: RgbFrame): PictureVerdict;
}

/**
 * A block has changed when its pixels differ by more than this, on average, from when the picture last stood still.
 * Measured at 640 x 360: every key frame of a still street with noise of 1 to 6 steps through x264 (crf 28 and 34, 100 to
 * 500 kbit/s) changes 81 to 100 % of the blocks, at night 44 %. A frozen picture encoded again (crf 28, constant quantiser,
 * 1 Mbit/s) changes 0 to 3 %, a running clock adds 3 %. A freeze whose encoder is starved of bits (200 kbit/s) changes as much
 * as a live picture and is not recognised.
 */
const CHANGED_BY = 1;
const FROZEN_SHARE = 0.2;
/**
 * Fewer blocks with contrast: covered. Measured: a street by day 85 % and more, the same at a third of its contrast (night)
 * 45 %, a defocused dark lens with noise and a running clock 10 %.
 */
const DETAIL_CONTRAST = 4;
const COVERED_SHARE = 0.15;
/** To count as fine again a covered picture must show clearly more than it takes to be covered. */
const UNCOVERED_SHARE = 0.22;

/**
 * Judges from its pixels whether a camera's picture can be believed: frozen (it repeats itself) or covered (it shows
 * nothing). Works on a sub-stream at 1 to 5 frames a second; block by block, so that a clock that goes on does not hide a
 * freeze. A picture without detail is never called frozen: nothing in it could move.
 */
export function createPictureWatch(options: PictureWatchOptions = {}): PictureWatch {
  const { frozenAfterMs = 15_000, coveredAfterMs = 3_000, clearAfterMs = 2_000, minIntervalMs = 200 } = options;
  let verdict: PictureVerdict | undefined;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  /** The picture as it was when it last changed. */
  let anchor: { readonly picture: LumaPlane; readonly atMs: number } | undefined;
  let emptySinceMs: number | undefined;
  let fineSinceMs: number | undefined;

  function startOver(): void {
    verdict = undefined;
    anchor = undefined;
    emptySinceMs = undefined;
    fineSinceMs = undefined;
  }

  /** What this frame says, and since when that has been so. */
  function judge(atMs: number, picture: LumaPlane): { state: PictureState; sinceMs: number } {
    const detail = detailedShare(picture, DETAIL_CONTRAST);
    const isEmpty = detail < (verdict?.state === 'covered' ? UNCOVERED_SHARE : COVERED_SHARE);
    emptySinceMs = isEmpty ? (emptySinceMs ?? atMs) : undefined;

    const isSameSize = anchor?.picture.widthPx === picture.widthPx && anchor.picture.heightPx === picture.heightPx;
    const hasMoved =
      anchor === undefined || !isSameSize || changedShare(anchor.picture, picture, CHANGED_BY) > FROZEN_SHARE;
    if (anchor === undefined || hasMoved || isEmpty) anchor = { picture, atMs };

    if (emptySinceMs !== undefined) {
      const isLong = atMs - emptySinceMs >= coveredAfterMs;
      return isLong ? { state: 'covered', sinceMs: emptySinceMs } : { state: verdict?.state ?? 'ok', sinceMs: atMs };
    }
    const isStill = atMs - anchor.atMs >= frozenAfterMs;
    if (isStill) return { state: 'frozen', sinceMs: anchor.atMs };
    // A frozen picture that has not moved stays frozen, however short ago it was uncovered.
    return { state: verdict?.state === 'frozen' && !hasMoved ? 'frozen' : 'ok', sinceMs: atMs };
  }

  return {
    observe(atMs, frame) {
      if (atMs < lastAtMs) startOver();
      else if (verdict !== undefined && atMs - lastAtMs < minIntervalMs) return { ...verdict, changed: false };
      lastAtMs = atMs;
      const now = judge(atMs, lumaOf(frame));
      if (verdict === undefined) {
        verdict = { state: 'ok', sinceMs: atMs, changed: false };
        return verdict;
      }
      fineSinceMs = now.state === 'ok' ? (fineSinceMs ?? atMs) : undefined;
      if (now.state === verdict.state) {
        verdict = { ...verdict, changed: false };
      } else if (now.state !== 'ok') {
        verdict = { ...now, changed: true };
      } else if (fineSinceMs !== undefined && atMs - fineSinceMs >= clearAfterMs) {
        verdict = { state: 'ok', sinceMs: fineSinceMs, changed: true };
      } else {
        verdict = { ...verdict, changed: false };
      }
      return verdict;
    },
  };
}
