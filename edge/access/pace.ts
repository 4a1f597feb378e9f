/** Lets through so many at once, and so many a second in the long run. */
export interface Pace {
  /** Takes one turn. @returns how long to wait before using it, milliseconds, 0 when there is credit */
  takeTurn(nowMs: number): number;
}

/** @param options.burst how many turns may be taken at once after a quiet time */
export function createPace(options: { burst: number; perSecond: number }): Pace {
  const { burst, perSecond } = options;
  let credit = burst;
  let creditedAtMs: number | undefined;
  return {
    takeTurn(nowMs) {
      credit = Math.min(burst, credit + ((nowMs - (creditedAtMs ?? nowMs)) * perSecond) / 1000);
      creditedAtMs = nowMs;
      credit -= 1;
      return credit >= 0 ? 0 : (-credit * 1000) / perSecond;
    },
  };
}
