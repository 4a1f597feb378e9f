import { createCoverWatch } from './cover-watch.ts';
import { detailedPictureOf } from './detailed-picture.ts';
import type { RgbFrame } from './frame.ts';
import { createFreezeWatch } from './freeze-watch.ts';
import { createSceneWatch, type SceneWatch } from './scene-watch.ts';

export type PictureState = 'ok' | 'frozen' | 'covered' | 'moved';

export interface PictureWatchOptions {
  /**
   * How old a picture must be for its repetition to be a freeze. Default 15,000. It must be longer than the camera's key
   * frame interval: between two key frames a quiet street through H.264 may stand perfectly still, with each key frame its
   * noise is drawn anew.
   */
  readonly frozenAfterMs?: number;
  /**
   * How long a frozen picture must not have repeated itself to be called fine. Default 15,000: an encoder that changes its
   * quality makes a frozen picture differ from itself for ten seconds.
   */
  readonly unfrozenAfterMs?: number;
  /** How long a picture must show nothing to be covered. Default 3,000: longer than a bird or a passing umbrella. */
  readonly coveredAfterMs?: number;
  /** How long a covered picture must show something again to be called fine. Default 2,000. */
  readonly uncoveredAfterMs?: number;
  /** Frames closer together than this are passed over. Default 1,000. */
  readonly minIntervalMs?: number;
  /** What the camera usually shows, kept by an owner who outlives this watch. Default: learnt from the first frame on. */
  readonly scene?: SceneWatch;
  /** A frame repeats an earlier one, which is no freeze yet but worth a closer look. */
  readonly onRepeated?: () => void;
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
 * Judges from its pixels whether a camera's picture can be believed: frozen (it repeats itself), covered (it shows
 * nothing) or moved (it shows another scene than it usually does). Works on a sub-stream, of which it looks at one frame a second (5 ms); block by block, so that a clock that goes
 * on does not hide a freeze. A covered picture is never called frozen: nothing in it could move.
 */
export function createPictureWatch(options: PictureWatchOptions = {}): PictureWatch {
  const { frozenAfterMs = 15_000, unfrozenAfterMs = 15_000 } = options;
  const { scene = createSceneWatch() } = options;
  const { coveredAfterMs = 3_000, uncoveredAfterMs = 2_000, minIntervalMs = 1_000 } = options;
  const start = () => ({
    cover: createCoverWatch({ coveredAfterMs, clearAfterMs: uncoveredAfterMs }),
    freeze: createFreezeWatch({ frozenAfterMs, clearAfterMs: unfrozenAfterMs }),
  });
  let watches = start();
  let verdict: PictureVerdict = { state: 'ok', sinceMs: Number.NaN, changed: false };
  let lastAtMs = Number.NaN;

  return {
    observe(atMs, frame) {
      // Frames come a little early or late; nine tenths of the interval keep one a second one.
      if (atMs >= lastAtMs && atMs - lastAtMs < minIntervalMs * 0.9) return { ...verdict, changed: false };
      if (!(atMs >= lastAtMs)) {
        watches = start();
        verdict = { state: 'ok', sinceMs: atMs, changed: false };
      }
      lastAtMs = atMs;
      const picture = detailedPictureOf(frame);
      const cover = watches.cover.observe(atMs, picture);
      const freeze = watches.freeze.observe(atMs, cover.showsNothing ? undefined : picture);
      const view = scene.observe(atMs, cover.showsNothing ? undefined : picture);
      const state = cover.isCovered ? 'covered' : freeze.isFrozen ? 'frozen' : view.isMoved ? 'moved' : 'ok';
      const changed = state !== verdict.state;
      if (changed) {
        const since = { covered: cover.sinceMs, frozen: freeze.sinceMs, moved: view.sinceMs };
        verdict = { state, changed, sinceMs: state === 'ok' ? Math.max(...Object.values(since)) : since[state] };
      }
      if (freeze.isRepeated) options.onRepeated?.();
      return { ...verdict, changed };
    },
  };
}
