import { DipperError } from '@dipper/contract/errors';
import { nameKeyOf } from '../account/account.repository.ts';

const WINDOW_MS = 5 * 60_000;
/** One name from one address: ten typing errors are human, more are a search. */
const MAX_PER_PAIR = 10;
/** One address: a security room shares one, so it gets more. */
const MAX_PER_ADDRESS = 50;
/** One name from everywhere (NIST SP 800-63B §5.2.2). High, because whoever knows a name could lock its owner out. */
const MAX_PER_NAME = 100;
/** Keys kept at most; beyond, the oldest go. Bounds what a flood of made-up names costs. */
const MAX_KEYS = 20_000;

export interface LoginThrottle {
  /**
   * Counts an attempt as failed until it turns out otherwise, so that a hundred at once are a hundred.
   * @throws DipperError TOO_MANY_ATTEMPTS with `retryAfterSec`
   */
  begin(name: string, address: string): void;
  /** Takes the attempt back, and forgets the failures of this name from this address. */
  succeeded(name: string, address: string): void;
}

interface Attempts {
  readonly sinceMs: number;
  readonly count: number;
}

/**
 * Counts sign-ins that failed, in windows of five minutes, for names that exist and names that do not alike.
 * Kept in memory: each copy of the hub counts for itself, so n copies allow n times as many.
 */
export function createLoginThrottle(now: () => number = Date.now): LoginThrottle {
  const attempts = new Map<string, Attempts>();
  // By the key that accounts are found by, or a name in full-width letters would have counters of its own.
  const limitsOf = (name: string, address: string): readonly (readonly [string, number])[] => [
    [`pair:${nameKeyOf(name)}@${address}`, MAX_PER_PAIR],
    [`address:${address}`, MAX_PER_ADDRESS],
    [`name:${nameKeyOf(name)}`, MAX_PER_NAME],
  ];
  const current = (key: string): Attempts => {
    const found = attempts.get(key);
    return found !== undefined && now() - found.sinceMs < WINDOW_MS ? found : { sinceMs: now(), count: 0 };
  };
  const keep = (key: string, value: Attempts): void => {
    attempts.delete(key);
    if (value.count > 0) attempts.set(key, value);
    const oldest = attempts.size > MAX_KEYS ? attempts.keys().next().value : undefined;
    if (oldest !== undefined) attempts.delete(oldest);
  };

  return {
    begin(name, address) {
      const limits = limitsOf(name, address);
      for (const [key, max] of limits) {
        const { sinceMs, count } = current(key);
        if (count < max) continue;
        const retryAfterSec = Math.max(1, Math.ceil((sinceMs + WINDOW_MS - now()) / 1000));
        throw new DipperError('TOO_MANY_ATTEMPTS', { detail: { retryAfterSec } });
      }
      for (const [key] of limits) keep(key, { sinceMs: current(key).sinceMs, count: current(key).count + 1 });
    },
    succeeded(name, address) {
      for (const [key] of limitsOf(name, address)) {
        const { sinceMs, count } = current(key);
        keep(key, { sinceMs, count: key.startsWith('pair:') ? 0 : count - 1 });
      }
    },
  };
}
