/**
 * Time as the link uses it, so that a test can let ten minutes pass at once. Everything that waits takes it from here.
 */
export interface Clock {
  /** The machine's wall clock, milliseconds since 1970. It may be wrong and may jump. */
  nowMs(): number;
  /** Milliseconds since some start; never jumps, never goes back. */
  monotonicMs(): number;
  /** Runs something once after a delay; the result cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
