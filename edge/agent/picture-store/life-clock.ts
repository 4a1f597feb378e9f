/** What the lives of pictures are measured by. */
export interface PictureClock {
  /** Milliseconds since 1970, as well as it is known; may jump when it becomes known better. */
  nowMs(): number;
  /** Milliseconds since some start; never jumps. */
  monotonicMs(): number;
}

/** A clock that said `fromMs` was set and says `toMs`. */
export interface ClockStep {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * A smaller step makes pictures go that much early or late, which nobody notices in days; corrections by NTP and
 * estimates of the hub's clock over a slow network stay far below.
 */
const MIN_STEP_MS = 5 * 60_000;

/**
 * Tells the time in whole milliseconds, and before that calls `onStep` when the clock was set: an edge without a battery boots in 1970, and once
 * NTP or the hub has told it the time, what it captured meanwhile is not decades old.
 */
export function createLifeClock(clock: PictureClock, onStep: (step: ClockStep) => void): () => number {
  let aheadMs = clock.nowMs() - clock.monotonicMs();
  return () => {
    const monotonicMs = clock.monotonicMs();
    // An estimate of the hub's clock has fractions, which the index, strict about integers, refuses.
    const toMs = Math.round(clock.nowMs());
    const fromMs = monotonicMs + aheadMs;
    aheadMs = toMs - monotonicMs;
    if (Math.abs(toMs - fromMs) > MIN_STEP_MS) onStep({ fromMs, toMs });
    return toMs;
  };
}
