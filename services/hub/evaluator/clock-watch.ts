/**
 * How far the wall clock may move against the monotonic one between two looks, half a second apart. Slewing (adjtime(3))
 * moves it by 0.05 %; what matters here is measured in tens of seconds.
 */
const MAX_DRIFT_MS = 2_000;

/** Notices that the wall clock was set, or that the machine slept: what was measured across that is no duration. */
export interface ClockWatch {
  /** Looks at both clocks. To be called before durations are judged. */
  look(): void;
  /** When a step was last noticed, by the monotonic clock; undefined when none was. */
  steppedAt(): number | undefined;
  /** How far the wall clock has moved since this was asked last, milliseconds, where it was set at all; 0 where it was not. */
  takeStepMs(): number;
}

export function createClockWatch(now: () => number, monotonicNow: () => number): ClockWatch {
  let offsetMs = now() - monotonicNow();
  let steppedAt: number | undefined;
  let untoldMs = 0;
  return {
    look() {
      const currentMs = now() - monotonicNow();
      if (Math.abs(currentMs - offsetMs) > MAX_DRIFT_MS) {
        steppedAt = monotonicNow();
        untoldMs += currentMs - offsetMs;
      }
      offsetMs = currentMs;
    },
    steppedAt: () => steppedAt,
    takeStepMs() {
      const stepMs = untoldMs;
      untoldMs = 0;
      return stepMs;
    },
  };
}
