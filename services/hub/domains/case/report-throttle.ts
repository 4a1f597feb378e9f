import { isIPv6 } from 'node:net';
import { DipperError } from '@dipper/contract/errors';
import type { SignInAttempts } from '../session/sign-in-attempt.repository.ts';

const WINDOW_MS = 3_600_000;
/** One address may stand for a whole building; more in an hour than this is no longer about the building. */
const MAX_PER_ADDRESS = 10;

/** Counts what strangers send in, reports, ratings and visitors' passes each for itself, per address, in windows of an hour, for all copies of the hub together. */
export interface ReportThrottle {
  /** @throws DipperError TOO_MANY_ATTEMPTS with `retryAfterSec` */
  count(what: 'report' | 'rating' | 'pass', address: string): Promise<void>;
}

export function createReportThrottle(attempts: SignInAttempts, now: () => number = Date.now): ReportThrottle {
  return {
    async count(what, address) {
      const key = `${what}:${sourceOf(address)}`;
      await attempts.removeOld(new Date(now() - WINDOW_MS));
      const [counted] = await attempts.add([key], new Date(now()), WINDOW_MS);
      if (counted === undefined || counted.count <= MAX_PER_ADDRESS) return;
      // What was refused is not counted, or whoever keeps trying would never be let in again.
      await attempts.takeBack([key]);
      const retryAfterSec = Math.max(1, Math.ceil((counted.since.getTime() + WINDOW_MS - now()) / 1000));
      throw new DipperError('TOO_MANY_ATTEMPTS', { detail: { retryAfterSec } });
    },
  };
}

/**
 * What one party can be told apart by: of IPv6 the first 64 bits, because everybody has all the addresses behind them
 * (RFC 4291 §2.5.4).
 */
export function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const known = [...groups(head), ...groups(tail ?? '')].length;
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - known)).fill('0');
  const all = [...groups(head), ...zeros, ...groups(tail ?? '')];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
