import type { AccessMemory } from './access-memory.ts';
import { MAX_LOCK_MS } from './pin-throttle.ts';

/**
 * The clock has gone back, because a leap ahead was undone: nothing that is remembered may lie in what is the future now. Who
 * was seen then was seen just now, who waits for a second factor begins anew, and no PIN pad stays locked until a mistyped year.
 */
export function setBack(memory: AccessMemory, nowMs: number): void {
  for (const [holder, where] of memory.whereabouts) {
    if (where.sinceMs > nowMs) memory.whereabouts.set(holder, { ...where, sinceMs: nowMs });
  }
  for (const [area, untilMs] of memory.forgottenUntilMs) {
    if (untilMs > nowMs) memory.forgottenUntilMs.delete(area);
  }
  for (const [accessPoint, throttle] of memory.pinThrottles) {
    const lockedUntilMs = Math.min(throttle.lockedUntilMs, nowMs + MAX_LOCK_MS);
    const wrongAtMs = throttle.wrongAtMs.map((atMs) => Math.min(atMs, nowMs));
    memory.pinThrottles.set(accessPoint, { ...throttle, wrongAtMs, lockedUntilMs });
  }
  memory.pending.clear();
}
