import type { Seen } from './gate-memory.ts';

/** Whether a barrier's arm may come down, as its sensor under the arm has it. */
export type Clearance = 'clear' | 'occupied' | 'stale';

/**
 * Judges what the sensor under the arm said last. Clear is only what it said itself, lately, over a subscription that is
 * alive: silence is no clearance, and neither is an old one.
 *
 * @param loop what the sensor said last: true when something is there
 * @param options.maxAgeMs how old a report may be
 */
export function judgeClearance(
  loop: Seen<boolean> | undefined,
  options: { readonly nowMs: number; readonly maxAgeMs: number; readonly isFollowed: boolean },
): Clearance {
  const { nowMs, maxAgeMs, isFollowed } = options;
  if (loop === undefined || !isFollowed) return 'stale';
  if (loop.state) return 'occupied';
  return nowMs - loop.atMs <= maxAgeMs ? 'clear' : 'stale';
}
