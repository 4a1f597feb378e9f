import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type DigestVerdict = 'ok' | 'refused' | 'stale';

export interface DigestGuardOptions {
  readonly realm: string;
  readonly credentials: () => Credentials;
  /** HTTP clients speak `qop="auth"`; RTSP cameras challenge without it, as RFC 2069 did. */
  readonly qop: 'auth' | 'none';
  /** True time in milliseconds. */
  readonly nowMs: () => number;
  readonly nonceLifetimeMs?: number;
}

/** Long enough for a conversation, short enough that clients meet `stale=true` within a test or a demo. */
const NONCE_LIFETIME_MS = 60_000;

/** Nonces remembered at once; older ones are simply stale, so a stranger asking for challenges costs nothing. */
const MAX_NONCES = 1_024;

interface Nonce {
  readonly issuedAtMs: number;
  /** Largest nonce count seen; a repeated one is a replay (RFC 7616, 3.4.5). */
  count: number;
}

/** Digest access authentication with MD5, as cameras do it (RFC 7616; RFC 2326, 14 refers to it). */
export class DigestGuard {
  readonly #options: DigestGuardOptions;
  readonly #nonces = new Map<string, Nonce>();

  constructor(options: DigestGuardOptions) {
    this.#options = options;
  }

  /** A value for WWW-Authenticate, with a nonce of its own. */
  challenge(verdict: DigestVerdict = 'refused'): string {
    const nonce = randomBytes(16).toString('hex');
    this.#nonces.set(nonce, { issuedAtMs: this.#options.nowMs(), count: 0 });
    for (const oldest of this.#nonces.keys()) {
      if (this.#nonces.size <= MAX_NONCES) break;
      this.#nonces.delete(oldest);
    }
    const qop = this.#options.qop === 'auth' ? ', qop="auth"' : '';
    const stale = verdict === 'stale' ? ', stale=true' : '';
    return `Digest realm="${this.#options.realm}", nonce="${nonce}", algorithm=MD5${qop}${stale}`;
  }

  /**
   * Checks an Authorization header.
   * @param isSameTarget whether the URI the client signed means what it asked for
   */
  verify(header: string | undefined, method: string, isSameTarget: (uri: string) => boolean): DigestVerdict {
    const fields = parseDigestHeader(header);
    if (fields === undefined) return 'refused';
    const { username, realm, nonce, uri, response, qop, nc, cnonce } = fields;
    const credentials = this.#options.credentials();
    if (username !== credentials.username || realm !== this.#options.realm) return 'refused';
    if (uri === undefined || nonce === undefined || response === undefined || !isSameTarget(uri)) return 'refused';
    if ((this.#options.qop === 'auth') !== (qop === 'auth')) return 'refused';
    const expected = digestResponse({ ...credentials, realm, nonce, method, uri, qop, nc, cnonce });
    if (!isEqual(expected, response)) return 'refused';
    return this.#useNonce(nonce, nc);
  }

  #useNonce(nonce: string, nc: string | undefined): DigestVerdict {
    const known = this.#nonces.get(nonce);
    const lifetimeMs = this.#options.nonceLifetimeMs ?? NONCE_LIFETIME_MS;
    if (known === undefined || this.#options.nowMs() - known.issuedAtMs > lifetimeMs) {
      this.#nonces.delete(nonce);
      return 'stale';
    }
    if (this.#options.qop === 'auth') {
      const count = Number.parseInt(nc ?? '', 16);
      if (!(count > known.count)) return 'stale';
      known.count = count;
    }
    return 'ok';
  }
}

export interface DigestInput extends Credentials {
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  readonly qop?: string | undefined;
  readonly nc?: string | undefined;
  readonly cnonce?: string | undefined;
}

/** The response a client must give (RFC 7616, 3.4.1). */
export function digestResponse(input: DigestInput): string {
  const secret = md5(`${input.username}:${input.realm}:${input.password}`);
  const request = md5(`${input.method}:${input.uri}`);
  const middle = input.qop === undefined ? '' : `:${input.nc}:${input.cnonce}:${input.qop}`;
  return md5(`${secret}:${input.nonce}${middle}:${request}`);
}

/** @returns undefined for anything but a Digest header */
export function parseDigestHeader(header: string | undefined): Readonly<Record<string, string>> | undefined {
  if (header === undefined || !/^digest\s/i.test(header)) return undefined;
  const fields: Record<string, string> = {};
  for (const [, name, quoted, plain] of header
    .slice(7)
    .matchAll(/([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)) {
    if (name !== undefined) fields[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '';
  }
  return fields;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

export function isEqual(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
