import type { VideoClock } from './clock.ts';

/** Whether all of a stream is decoded now, or a glimpse of each group. */
export interface DecodingPace {
  readonly isIdle: boolean;
  /** Where an awakening began: nothing since has been seen whole. ms since 1970, as pictures are dated. */
  readonly wokenFromMs: number;
  /**
   * Something happens, or may: everything is decoded for a while from now on.
   * @param fromMs begins with what was filmed then, as far as the ring reaches; default: now
   */
  wake(fromMs?: number): void;
}

/**
 * Idles when nothing has asked for more for `lingerMs`. Awake at first: the first pictures of a camera tell what is normal
 * there. It has no timer: whoever decodes asks at each picture.
 */
export function createDecodingPace({
  clock,
  lingerMs,
}: {
  readonly clock: VideoClock;
  readonly lingerMs: number;
}): DecodingPace {
  let awakeUntilMs = clock.monotonicMs() + lingerMs;
  let wokenFromMs = clock.nowMs();
  const isIdle = (): boolean => clock.monotonicMs() >= awakeUntilMs;
  return {
    get isIdle() {
      return isIdle();
    },
    get wokenFromMs() {
      return wokenFromMs;
    },
    wake(fromMs = clock.nowMs()) {
      if (isIdle()) wokenFromMs = fromMs;
      awakeUntilMs = clock.monotonicMs() + lingerMs;
    },
  };
}
