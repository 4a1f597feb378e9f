import type { DecodedFrame } from '../../video/decoded-frame.ts';
import type { DecodingPace } from '../../video/decoding-pace.ts';
import type { MotionWatch } from '../../vision/motion-watch.ts';
import type { FaceWatch } from './face-watch.ts';
import type { PictureHealth } from './picture-health.ts';
import type { PlateWatch } from './plate-watch.ts';

export interface FrameWatchOptions {
  readonly pace: DecodingPace;
  readonly motion: MotionWatch;
  readonly health: Pick<PictureHealth, 'observe'>;
  /** Absent: faces are not captured here. */
  readonly faces: Pick<FaceWatch, 'offer' | 'settled'> | undefined;
  /** Something moves in a frame. */
  readonly onMotion?: (atMs: number) => void;
  /** Absent: plates are not read here. */
  readonly plates?: Pick<PlateWatch, 'offer' | 'settled'> | undefined;
}

export interface FrameWatchStats {
  /** Frames in which something moved. */
  readonly moving: number;
  /** Times that motion ended idling. */
  readonly awakenings: number;
  readonly isIdle: boolean;
}

export interface FrameWatch {
  /** Takes the next frame. Resolves at once, but while catching up: then when the models have looked at it. */
  observe(frame: DecodedFrame): Promise<void>;
  stats(): FrameWatchStats;
}

/** While nothing moves, one frame in so long is searched for faces all the same: somebody may have come unnoticed. */
const CHECK_EVERY_MS = 10_000;
/** Frames come again when idling ends, from a few seconds back; further back than this the clock was set. */
const MAX_AGAIN_MS = 15_000;

/**
 * Looks at a camera's frames: what is cheap at each, for faces and plates only while something moves. When motion ends the
 * idling, the decoder goes back to the last frame without it, and what the time between shows is looked for then.
 */
export function createFrameWatch(options: FrameWatchOptions): FrameWatch {
  const { pace, motion, health } = options;
  const searches = [options.faces, options.plates].filter((search) => search !== undefined);
  let newestAtMs = Number.NEGATIVE_INFINITY;
  let calmAtMs: number | undefined;
  let searchedAtMs = Number.NEGATIVE_INFINITY;
  let moving = 0;
  let awakenings = 0;

  /** @returns whether this frame ended the idling: it is decoded again, with those before it */
  function look(frame: DecodedFrame): boolean {
    // The first pictures tell what is usual here.
    if (newestAtMs === Number.NEGATIVE_INFINITY) pace.wake();
    const wasIdle = pace.isIdle;
    newestAtMs = frame.atMs;
    const { isMoving } = motion.observe(frame.atMs, frame);
    if (isMoving) {
      moving++;
      options.onMotion?.(frame.atMs);
      pace.wake(calmAtMs);
    } else calmAtMs = frame.atMs;
    health.observe(frame);
    if (wasIdle && isMoving) awakenings++;
    return wasIdle && isMoving;
  }

  return {
    async observe(frame) {
      if (newestAtMs - frame.atMs > MAX_AGAIN_MS) {
        newestAtMs = Number.NEGATIVE_INFINITY;
        searchedAtMs = Number.NEGATIVE_INFINITY;
        calmAtMs = undefined;
      }
      const isAgain = frame.atMs <= newestAtMs;
      if (!isAgain && look(frame)) return;
      if (searches.length === 0 || frame.atMs <= searchedAtMs) return;
      if (pace.isIdle && frame.atMs - searchedAtMs < CHECK_EVERY_MS) return;
      searchedAtMs = frame.atMs;
      for (const search of searches) search.offer(frame);
      // One after another: a newer frame would take the place of one that nobody has looked at.
      if (isAgain) await Promise.all(searches.map((search) => search.settled()));
    },
    stats: () => ({ moving, awakenings, isIdle: pace.isIdle }),
  };
}
