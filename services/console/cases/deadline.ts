import type { GridCase } from '@dipper/contract/api/case';

/** How a case stands against its deadline. `ms` is what is left, or what it is over. */
export type DeadlineStanding =
  | { readonly kind: 'in-time' | 'too-late' }
  | { readonly kind: 'left' | 'near' | 'overdue'; readonly ms: number };

/** A third of the time allowed, six hours at the most: late enough to mean something, early enough to act. */
const NEAR_SHARE = 1 / 3;
const NEAR_MAX_MS = 6 * 3_600_000;

type Timed = Pick<GridCase, 'openedAt' | 'deadlineAt' | 'closedAt'>;

/** @param nowMs the hub's time, ms since 1970 */
export function deadlineStandingOf({ openedAt, deadlineAt, closedAt }: Timed, nowMs: number): DeadlineStanding {
  const deadlineMs = Date.parse(deadlineAt);
  if (closedAt !== null) return { kind: Date.parse(closedAt) <= deadlineMs ? 'in-time' : 'too-late' };
  const leftMs = deadlineMs - nowMs;
  if (leftMs < 0) return { kind: 'overdue', ms: -leftMs };
  const nearMs = Math.min(NEAR_MAX_MS, (deadlineMs - Date.parse(openedAt)) * NEAR_SHARE);
  return { kind: leftMs <= nearMs ? 'near' : 'left', ms: leftMs };
}
