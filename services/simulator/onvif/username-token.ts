import { createHash } from 'node:crypto';
import { type Credentials, isEqual } from '../auth/digest.ts';
import { child, text, type XmlNode } from './xml.ts';

/** How far a token's time may be from the device's clock; many real devices allow no more. */
export const MAX_TOKEN_AGE_MS = 5_000;

export interface TokenGuardOptions {
  readonly credentials: () => Credentials;
  readonly deviceNowMs: () => number;
}

/**
 * WS-Security UsernameToken with PasswordDigest, as ONVIF demands it (ONVIF Core, 5.9.1; WSS UsernameToken Profile 1.0, 3.1):
 * the digest is right, its time is near the device's, and the token was not used before.
 */
export class TokenGuard {
  readonly #options: TokenGuardOptions;
  /**
   * Tokens seen, with the device time at which they have become too old to matter. A token is its nonce and its time:
   * libonvif (Debian's onvif-util) repeats a nonce within a second, with another time.
   */
  readonly #seen = new Map<string, number>();

  constructor(options: TokenGuardOptions) {
    this.#options = options;
  }

  /** @returns `none` if the header carries no token */
  verify(header: XmlNode): 'ok' | 'refused' | 'none' {
    const token = child(header, 'Security', 'UsernameToken');
    if (token === undefined) return 'none';
    const username = text(token, 'Username');
    const password = text(token, 'Password');
    const nonce = text(token, 'Nonce');
    const created = text(token, 'Created');
    if (username === undefined || password === undefined || nonce === undefined || created === undefined)
      return 'refused';
    const credentials = this.#options.credentials();
    if (username !== credentials.username || !isEqual(passwordDigest(nonce, created, credentials.password), password)) {
      return 'refused';
    }
    const nowMs = this.#options.deviceNowMs();
    const createdMs = Date.parse(created);
    if (!(Math.abs(createdMs - nowMs) <= MAX_TOKEN_AGE_MS)) return 'refused';
    for (const [old, untilMs] of this.#seen) if (untilMs < nowMs) this.#seen.delete(old);
    const used = `${nonce} ${created}`;
    if (this.#seen.has(used)) return 'refused';
    this.#seen.set(used, createdMs + MAX_TOKEN_AGE_MS);
    return 'ok';
  }
}

/** Base64(SHA-1(nonce + created + password)), the nonce given in Base64. */
export function passwordDigest(nonce: string, created: string, password: string): string {
  return createHash('sha1').update(Buffer.from(nonce, 'base64')).update(created).update(password).digest('base64');
}
