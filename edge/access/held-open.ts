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
 * @param earlier since when it is open, as an earlier watch has told; `unknown` when one may have. The first time that it is
 *   seen closed, or is excused, ends that
 */
export function createHeldOpenWatch(afterMs: number, earlier?: number | 'unknown'): HeldOpenWatch {
  let openSinceMs = earlier === 'unknown' ? undefined : earlier;
  let isTold = openSinceMs !== undefined;
  let mayBeTold = earlier === 'unknown';
  let isExcusedNow = false;
  let isSeen = false;

  function end(nowMs: number): HeldOpenFinding | undefined {
    if (!isTold && !mayBeTold) return undefined;
    isTold = false;
    mayBeTold = false;
    return { phase: 'ended', sinceMs: openSinceMs ?? nowMs };
  }

  return {
    take(contact, isExcused, nowMs) {
      isExcusedNow = isExcused;
      isSeen = contact !== 'unknown';
      if (contact === 'closed') {
        const ended = end(nowMs);
        openSinceMs = undefined;
        return ended;
      }
      if (contact === 'unknown') return undefined;
      openSinceMs ??= nowMs;
      if (isExcused) {
        const ended = end(nowMs);
        openSinceMs = nowMs;
        return ended;
      }
      if (isTold || nowMs - openSinceMs < afterMs) return undefined;
      isTold = true;
      mayBeTold = false;
      return { phase: 'started', sinceMs: openSinceMs };
    },
    get dueAtMs() {
      return isTold || isExcusedNow || !isSeen || openSinceMs === undefined ? undefined : openSinceMs + afterMs;
    },
  };
}
