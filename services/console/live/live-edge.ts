import type { Ranges } from './append-queue.ts';

/** Where playback goes on, so that the picture on screen is the newest there is. */
export interface Steering {
  /** Jump to this media time; undefined where playing on will do. */
  readonly seekToSec: number | undefined;
  readonly playbackRate: number;
}

/** Distance from the newest picture that absorbs the unevenness of a network. */
export const TARGET_LAG_SEC = 0.15;
/** Beyond this playback hurries a little, until it is near the target again. */
export const HURRY_LAG_SEC = 0.35;
const CALM_LAG_SEC = 0.2;
const HURRY_RATE = 1.2;
/** Beyond this hurrying would take too long: it jumps. */
export const JUMP_LAG_SEC = 1;

const STEADY: Steering = { seekToSec: undefined, playbackRate: 1 };

/**
 * Decides how to stay at the live edge.
 *
 * @param rate the present playback rate, so that hurrying has hysteresis
 */
export function steer(currentTimeSec: number, buffered: Ranges, rate: number): Steering {
  const last = buffered.length - 1;
  if (last < 0) return STEADY;
  const [startSec, endSec] = [buffered.start(last), buffered.end(last)];
  const lagSec = endSec - currentTimeSec;
  // In an older range (pictures were left out in between), ahead of everything (a new clock), or far behind.
  if (currentTimeSec < startSec || lagSec < -TARGET_LAG_SEC || lagSec > JUMP_LAG_SEC) {
    return { seekToSec: Math.max(startSec, endSec - TARGET_LAG_SEC), playbackRate: 1 };
  }
  const hurries = lagSec > (rate > 1 ? CALM_LAG_SEC : HURRY_LAG_SEC);
  return hurries ? { seekToSec: undefined, playbackRate: HURRY_RATE } : STEADY;
}
