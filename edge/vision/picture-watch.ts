import { createCoverWatch } from './cover-watch.ts';
import type { RgbFrame } from './frame.ts';
import { createFreezeWatch } from './freeze-watch.ts';
import { lumaOf } from './luma.ts';

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
 * Judges from its pixels whether a camera's picture can be believed: frozen (it repeats itself) or covered (it shows
 * nothing). Works on a sub-stream at 1 to 5 frames a second, 2 ms a frame; block by block, so that a clock that goes on does
 * not hide a freeze. A covered picture is never called frozen: nothing in it could move.
 */
export function createPictureWatch(options: PictureWatchOptions = {}): PictureWatch {
  const { frozenAfterMs = 15_000, coveredAfterMs = 3_000, clearAfterMs = 2_000, minIntervalMs = 200 } = options;
  const start = () => ({
    cover: createCoverWatch({ coveredAfterMs, clearAfterMs }),
    freeze: createFreezeWatch({ frozenAfterMs, clearAfterMs }),
  });
  let watches = start();
  let verdict: PictureVerdict = { state: 'ok', sinceMs: Number.NaN, changed: false };
  let lastAtMs = Number.NaN;

  return {
    observe(atMs, frame) {
      // Frames come a little early or late; nine tenths of the interval keep five frames a second five.
      if (atMs >= lastAtMs && atMs - lastAtMs < minIntervalMs * 0.9) return { ...verdict, changed: false };
      if (!(atMs >= lastAtMs)) {
        watches = start();
        verdict = { state: 'ok', sinceMs: atMs, changed: false };
      }
      lastAtMs = atMs;
      const picture = lumaOf(frame);
      const cover = watches.cover.observe(atMs, picture);
      const freeze = watches.freeze.observe(atMs, cover.showsNothing ? undefined : picture);
      const state = cover.isCovered ? 'covered' : freeze.isFrozen ? 'frozen' : 'ok';
      const changed = state !== verdict.state;
      if (changed) {
        const sinceMs =
          state === 'covered'
            ? cover.sinceMs
            : state === 'frozen'
              ? freeze.sinceMs
              : Math.max(cover.sinceMs, freeze.sinceMs);
        verdict = { state, sinceMs, changed };
      }
      return { ...verdict, changed };
    },
  };
}
