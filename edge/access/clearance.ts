import type { SeenInput } from './gate-memory.ts';

/** Whether a barrier's arm may come down, as its sensor under the arm has it. */
export type Clearance = 'clear' | 'occupied' | 'stale';

/**
 * Judges what the sensor under the arm said last. Clear is only what it said itself, lately, over the subscription that is
 * alive now: silence is no clearance, an old one is none, and what it said before a subscription was lost is none either. How
 * old it is counts from when the reply was asked for that told it, not from when that came.
 *
 * @param loop what the sensor said last: true when something is there
 * @param options.maxAgeMs how old a report may be
 * @param options.followedSinceMs when the subscription began; undefined while there is none
 */
export function judgeClearance(
  loop: SeenInput | undefined,
  options: { readonly nowMs: number; readonly maxAgeMs: number; readonly followedSinceMs: number | undefined },
): Clearance {
  const { nowMs, maxAgeMs, followedSinceMs } = options;
  if (loop === undefined || followedSinceMs === undefined || loop.atMs < followedSinceMs) return 'stale';
  if (loop.state) return 'occupied';
  if (loop.asOfMs === undefined) return 'stale';
  return nowMs - loop.asOfMs <= maxAgeMs ? 'clear' : 'stale';
}
