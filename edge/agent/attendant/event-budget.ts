/** So many events at once, and so many a minute in the long run. */
export interface EventBudget {
  /** @returns whether there was one left, which is then taken */
  take(nowMs: number): boolean;
}

export function createEventBudget({ burst, perMinute }: { burst: number; perMinute: number }): EventBudget {
  let credit = burst;
  let creditedAtMs: number | undefined;
  return {
    take(nowMs) {
      credit = Math.min(burst, credit + ((nowMs - (creditedAtMs ?? nowMs)) * perMinute) / 60_000);
      creditedAtMs = nowMs;
      if (credit < 1) return false;
      credit -= 1;
      return true;
    },
  };
}
