import { DipperError } from '@dipper/contract/errors';
import { nameKeyOf } from '../account/account.repository.ts';
import type { SignInAttempts } from './sign-in-attempt.repository.ts';

const WINDOW_MS = 5 * 60_000;
/** One name from one address: ten typing errors are human, more are a search. */
const MAX_PER_PAIR = 10;
/** One address: a security room shares one, so it gets more. */
const MAX_PER_ADDRESS = 50;
/** One name from everywhere (NIST SP 800-63B §5.2.2). High, because whoever knows a name could lock its owner out. */
const MAX_PER_NAME = 100;

export interface LoginThrottle {
  /**
   * Counts an attempt as failed until it turns out otherwise, so that a hundred at once are a hundred.
   * @throws DipperError TOO_MANY_ATTEMPTS with `retryAfterSec`
   */
  begin(name: string, address: string): Promise<void>;
  /** Takes the attempt back: it neither failed nor succeeded. */
  takenBack(name: string, address: string): Promise<void>;
  /** Takes the attempt back, and forgets the failures of this name from this address. */
  succeeded(name: string, address: string): Promise<void>;
}

/**
 * Counts sign-ins that failed, in windows of five minutes, for names that exist and names that do not alike, and for all
 * copies of the hub together.
 */
export function createLoginThrottle(attempts: SignInAttempts, now: () => number = Date.now): LoginThrottle {
  // By the key that accounts are found by, or a name in full-width letters would have counters of its own.
  const limitsOf = (name: string, address: string): readonly (readonly [string, number])[] => [
    [`pair:${nameKeyOf(name)}@${address}`, MAX_PER_PAIR],
    [`address:${address}`, MAX_PER_ADDRESS],
    [`name:${nameKeyOf(name)}`, MAX_PER_NAME],
  ];
  return {
    async begin(name, address) {
      const limits = limitsOf(name, address);
      const keys = limits.map(([key]) => key);
      const counted = await attempts.add(keys, new Date(now()), WINDOW_MS);
      const full = counted.find(({ count }, index) => count > (limits[index]?.[1] ?? 0));
      if (full === undefined) return;
      // What was refused was no attempt: it must not use up what others have left.
      await attempts.takeBack(keys);
      const retryAfterSec = Math.max(1, Math.ceil((full.since.getTime() + WINDOW_MS - now()) / 1000));
      throw new DipperError('TOO_MANY_ATTEMPTS', { detail: { retryAfterSec } });
    },
    async takenBack(name, address) {
      await attempts.takeBack(limitsOf(name, address).map(([key]) => key));
    },
    async succeeded(name, address) {
      const [pair, ...others] = limitsOf(name, address).map(([key]) => key);
      await attempts.takeBack(others);
      if (pair !== undefined) await attempts.forget([pair]);
      await attempts.removeOld(new Date(now() - WINDOW_MS));
    },
  };
}
