import { DipperError } from '@dipper/contract/errors';
import type { SignInAttempts } from '../session/sign-in-attempt.repository.ts';

const WINDOW_MS = 5 * 60_000;
/** Codes have 80 bits, so this is not what keeps them from being guessed; it keeps a search off the database. */
const MAX_PER_ADDRESS = 20;

/** Counts codes from an address that were none, in windows of five minutes, for all copies of the hub together. */
export interface EnrolmentThrottle {
  /** Counts an attempt as failed until it turns out otherwise. @throws DipperError TOO_MANY_ATTEMPTS with `retryAfterSec` */
  begin(address: string): Promise<void>;
  succeeded(address: string): Promise<void>;
}

export function createEnrolmentThrottle(attempts: SignInAttempts, now: () => number = Date.now): EnrolmentThrottle {
  const keysOf = (address: string): readonly string[] => [`enrolment:${address}`];
  return {
    async begin(address) {
      const [counted] = await attempts.add(keysOf(address), new Date(now()), WINDOW_MS);
      if (counted === undefined || counted.count <= MAX_PER_ADDRESS) return;
      await attempts.takeBack(keysOf(address));
      const retryAfterSec = Math.max(1, Math.ceil((counted.since.getTime() + WINDOW_MS - now()) / 1000));
      throw new DipperError('TOO_MANY_ATTEMPTS', { detail: { retryAfterSec } });
    },
    async succeeded(address) {
      await attempts.takeBack(keysOf(address));
    },
  };
}
