import type { MediaFrame, Ranges } from './append-queue.ts';

/** Where playback goes on, so that the picture on screen is the newest there is. */
export interface Steering {
  /** Jump to this media time; undefined where playing on will do. */
  readonly seekToSec: number | undefined;
  readonly playbackRate: number;
}

/** Distance from the end of the newest picture while it is not known how evenly pictures come. */
export const TARGET_LAG_SEC = 0.15;
/** That much further away playback hurries a little, until it is near the target again. */
export const HURRY_BEYOND_SEC = 0.1;
const CALM_BEYOND_SEC = 0.03;
const HURRY_RATE = 1.2;
/** Beyond this hurrying would take too long: it jumps. */
export const JUMP_LAG_SEC = 1;

const STEADY: Steering = { seekToSec: undefined, playbackRate: 1 };

/**
 * Decides how to stay at the live edge.
 *
 * @param rate the present playback rate, so that hurrying has hysteresis
 */
export function steer(currentTimeSec: number, buffered: Ranges, rate: number, targetSec = TARGET_LAG_SEC): Steering {
  const last = buffered.length - 1;
  if (last < 0) return STEADY;
  const [startSec, endSec] = [buffered.start(last), buffered.end(last)];
  const lagSec = endSec - currentTimeSec;
  // In an older range (pictures were left out in between), ahead of everything (a new clock), or far behind.
  if (currentTimeSec < startSec || lagSec < -targetSec || lagSec > JUMP_LAG_SEC) {
    return { seekToSec: Math.max(startSec, endSec - targetSec), playbackRate: 1 };
  }
  const hurries = lagSec - targetSec > (rate > 1 ? CALM_BEYOND_SEC : HURRY_BEYOND_SEC);
  return hurries ? { seekToSec: undefined, playbackRate: HURRY_RATE } : STEADY;
}

/** How near to the live edge a media element can play without running dry: as near as pictures come evenly. */
export interface LagTarget {
  observe(picture: Pick<MediaFrame, 'atMs' | 'arrivedAtMs'>): void;
  sec(): number;
}

/** What comes at first is the group so far, in one go: it says nothing of the network. */
const BEGINNING_MS = 2_000;
/** Ten seconds at 25 pictures a second. */
const MAX_OBSERVED = 250;
/** A queue that is that long is a bad network, and a jump now and then does less harm than its delay all the time. */
const MAX_LAG_SEC = 0.5;
/** Between a picture's arrival and its being decoded, and the screen's own rhythm. */
const HANDLING_SEC = 0.04;
/** One picture in twenty may come too late for its place. */
const IN_TIME = 0.95;
const RECKON_EVERY = 25;

export function createLagTarget(): LagTarget {
  let firstArrivedAtMs: number | undefined;
  let observed: { readonly delayMs: number; readonly apartMs: number }[] = [];
  let lastAtMs: number | undefined;
  let untilReckoned = RECKON_EVERY;
  let sec = TARGET_LAG_SEC;

  const reckon = (): void => {
    const delays = observed.map(({ delayMs }) => delayMs).sort((a, b) => a - b);
    const apart = observed.map(({ apartMs }) => apartMs).sort((a, b) => a - b);
    const spreadMs = (delays[Math.floor(IN_TIME * (delays.length - 1))] ?? 0) - (delays[0] ?? 0);
    // The newest picture itself lasts until the next.
    const pictureMs = apart[apart.length >> 1] ?? 0;
    sec = Math.min(MAX_LAG_SEC, HANDLING_SEC + (pictureMs + spreadMs) / 1_000);
  };
  return {
    observe({ atMs, arrivedAtMs }) {
      firstArrivedAtMs ??= arrivedAtMs;
      const apartMs = atMs - (lastAtMs ?? atMs);
      lastAtMs = atMs;
      if (arrivedAtMs - firstArrivedAtMs < BEGINNING_MS) return;
      observed = [...observed.slice(1 - MAX_OBSERVED), { delayMs: arrivedAtMs - atMs, apartMs }];
      untilReckoned -= 1;
      if (untilReckoned > 0) return;
      untilReckoned = RECKON_EVERY;
      reckon();
    },
    sec: () => sec,
  };
}
