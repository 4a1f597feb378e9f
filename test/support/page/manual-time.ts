/** Time that stands still until a test moves it: for code that takes its timers and its clock as arguments. */
export interface ManualTime {
  readonly now: () => number;
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Runs what is due, in order, and everything that this starts and is due as well. */
  advance(ms: number): void;
}

export function createManualTime(startMs = 1_000_000): ManualTime {
  let nowMs = startMs;
  let timers: { readonly dueMs: number; readonly run: () => void }[] = [];
  return {
    now: () => nowMs,
    after(delayMs, run) {
      const timer = { dueMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const next = timers.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined) break;
        timers = timers.filter((each) => each !== next);
        nowMs = next.dueMs;
        next.run();
      }
      nowMs = endMs;
    },
  };
}
