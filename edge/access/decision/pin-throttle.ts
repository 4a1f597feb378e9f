/** What an access point remembers of wrong PINs. */
export interface PinThrottle {
  /** When wrong ones were entered, oldest first. */
  readonly wrongAtMs: readonly number[];
  readonly lockedUntilMs: number;
  /** Locks one after the other, each twice as long. */
  readonly locks: number;
}

/** Five wrong ones: as many as an honest person needs with a wet keypad, few against the thousands that guessing takes. */
export const MAX_WRONG_PINS = 5;
export const WRONG_PIN_WINDOW_MS = 300_000;
const FIRST_LOCK_MS = 300_000;
export const MAX_LOCK_MS = 3_600_000;
/** After so long without a lock the next one is a first one again. */
const LOCKS_FORGOTTEN_MS = 86_400_000;

export function isPinLocked(throttle: PinThrottle | undefined, nowMs: number): boolean {
  return throttle !== undefined && nowMs < throttle.lockedUntilMs;
}

/** One more wrong PIN. A right one forgives none: who has one could guess at others' between two of his own. */
export function afterWrongPin(throttle: PinThrottle | undefined, nowMs: number): PinThrottle {
  const { wrongAtMs, lockedUntilMs, locks } = throttle ?? { wrongAtMs: [], lockedUntilMs: 0, locks: 0 };
  const recent = [...wrongAtMs.filter((atMs) => nowMs - atMs < WRONG_PIN_WINDOW_MS), nowMs];
  if (recent.length < MAX_WRONG_PINS) return { wrongAtMs: recent, lockedUntilMs, locks };
  const before = nowMs - lockedUntilMs < LOCKS_FORGOTTEN_MS ? locks : 0;
  const lockMs = Math.min(MAX_LOCK_MS, FIRST_LOCK_MS * 2 ** before);
  return { wrongAtMs: [], lockedUntilMs: nowMs + lockMs, locks: before + 1 };
}
