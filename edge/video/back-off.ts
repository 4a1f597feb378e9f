export interface BackOffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** 0..1, for tests; default `Math.random`. */
  readonly random?: () => number;
}

export interface BackOff {
  /** How long to wait now: half of a doubling delay, and up to as much again at random, so that cameras which failed together do not come back together. */
  nextMs(): number;
  reset(): void;
}

export function createBackOff({ firstMs, maxMs, random = Math.random }: BackOffOptions): BackOff {
  let attempts = 0;
  return {
    nextMs() {
      const ceilingMs = Math.min(maxMs, firstMs * 2 ** attempts);
      attempts = Math.min(attempts + 1, 30);
      return ceilingMs / 2 + (random() * ceilingMs) / 2;
    },
    reset() {
      attempts = 0;
    },
  };
}
