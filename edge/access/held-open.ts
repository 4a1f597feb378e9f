/** A gate that stands open for longer than it should. */
export interface HeldOpenFinding {
  readonly phase: 'started' | 'ended';
  /** Since when it has been open, by the same clock as what was told. */
  readonly sinceMs: number;
}

export interface HeldOpenWatch {
  /** @param isExcused it has been told to stay open, or there is a fire @returns what has begun or ended by this */
  take(contact: 'open' | 'closed' | 'unknown', isExcused: boolean, nowMs: number): HeldOpenFinding | undefined;
  /** When to look again, undefined when nothing can become of it by waiting. */
  readonly dueAtMs: number | undefined;
}

/**
 * Judges for how long a gate has been open. While nobody sees it nothing begins and nothing ends; open before and after
 * counts as open all the while.
 *
 * @param afterMs how long it may be open without having been told to stay so
 */
export function createHeldOpenWatch(afterMs: number): HeldOpenWatch {
  let openSinceMs: number | undefined;
  let isTold = false;
  let isExcusedNow = false;
  let isSeen = false;

  function end(): HeldOpenFinding | undefined {
    const sinceMs = openSinceMs;
    if (!isTold || sinceMs === undefined) return undefined;
    isTold = false;
    return { phase: 'ended', sinceMs };
  }

  return {
    take(contact, isExcused, nowMs) {
      isExcusedNow = isExcused;
      isSeen = contact !== 'unknown';
      if (contact === 'closed') {
        const ended = end();
        openSinceMs = undefined;
        return ended;
      }
      if (contact === 'unknown') return undefined;
      openSinceMs ??= nowMs;
      if (isExcused) {
        const ended = end();
        openSinceMs = nowMs;
        return ended;
      }
      if (isTold || nowMs - openSinceMs < afterMs) return undefined;
      isTold = true;
      return { phase: 'started', sinceMs: openSinceMs };
    },
    get dueAtMs() {
      return isTold || isExcusedNow || !isSeen || openSinceMs === undefined ? undefined : openSinceMs + afterMs;
    },
  };
}
