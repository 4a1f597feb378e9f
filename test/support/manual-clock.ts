import type { Clock } from '@dipper/edge/link/clock';

export interface ManualClock extends Clock {
  /** Lets time pass; what becomes due runs in order, each at its own time. */
  advance(ms: number): void;
  /** Sets the wall clock, as somebody or NTP does; monotonic time does not notice. */
  setWall(ms: number): void;
}

/** A clock that stands still until it is told to go on. */
export function createManualClock(startMs = Date.UTC(2026, 10, 24, 8)): ManualClock {
  let monotonicMs = 1_000;
  let wallMinusMonotonicMs = startMs - monotonicMs;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    nowMs: () => monotonicMs + wallMinusMonotonicMs,
    monotonicMs: () => monotonicMs,
    after(delayMs, run) {
      const timer = { atMs: monotonicMs + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    advance(ms) {
      const endMs = monotonicMs + ms;
      for (;;) {
        const next = timers.filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        timers = timers.filter((each) => each !== next);
        monotonicMs = Math.max(monotonicMs, next.atMs);
        next.run();
      }
      monotonicMs = endMs;
    },
    setWall(ms) {
      wallMinusMonotonicMs = ms - monotonicMs;
    },
  };
}
