/** Waiting times between attempts: doubling, with a random part so that many pages do not come back in one moment. */
export interface BackOff {
  /** Milliseconds to wait before the next attempt. */
  next(): number;
  /** An attempt has succeeded. */
  reset(): void;
}

/** @param random 0..1 */
export function createBackOff({ firstMs = 500, maxMs = 10_000, random = Math.random } = {}): BackOff {
  let ceilingMs = firstMs;
  return {
    next() {
      const waitMs = ceilingMs * (0.5 + random() / 2);
      ceilingMs = Math.min(maxMs, ceilingMs * 2);
      return waitMs;
    },
    reset() {
      ceilingMs = firstMs;
    },
  };
}
