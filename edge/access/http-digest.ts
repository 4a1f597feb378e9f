import { createHash, randomBytes } from 'node:crypto';

interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: string | undefined;
  readonly hash: 'md5' | 'sha256';
  /** RFC 7616 §3.3 lets a server leave `qop` out for RFC 2069 clients; some devices still do. */
  readonly hasQopAuth: boolean;
}

const PARAMETER = /([a-z][a-z0-9-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;

function parseChallenge(header: string): Challenge | undefined {
  if (!/^digest\s/i.test(header)) return undefined;
  const fields = new Map<string, string>();
  for (const [, name = '', quoted, plain] of header.slice(7, 2048).matchAll(PARAMETER)) {
    fields.set(name.toLowerCase(), quoted ?? plain ?? '');
  }
  const realm = fields.get('realm');
  const nonce = fields.get('nonce');
  const algorithm = fields.get('algorithm');
  const hash = { MD5: 'md5', 'SHA-256': 'sha256' }[(algorithm ?? 'MD5').toUpperCase()] as Challenge['hash'] | undefined;
  const qop = fields.get('qop');
  const hasQopAuth = qop?.split(/\s*,\s*/).includes('auth') ?? false;
  if (realm === undefined || nonce === undefined || hash === undefined || (qop !== undefined && !hasQopAuth)) {
    return undefined;
  }
  return { realm, nonce, opaque: fields.get('opaque'), algorithm, hash, hasQopAuth };
}

/** Whether the server only says that the nonce is too old, not that the credentials are wrong (RFC 7616 §3.3). */
export function isStale(challenges: readonly string[]): boolean {
  return challenges.some((challenge) => /\bstale\s*=\s*"?true/i.test(challenge));
}

export interface DigestRequest {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly path: string;
  readonly username: string;
  readonly password: string;
}

/**
 * The Authorization value for the strongest challenge that we understand (RFC 7616, SHA-256 before MD5, qop auth);
 * undefined when there is none.
 */
export function answerDigest(challenges: readonly string[], request: DigestRequest): string | undefined {
  const understood = challenges.flatMap((header) => parseChallenge(header) ?? []);
  const challenge = understood.find(({ hash }) => hash === 'sha256') ?? understood[0];
  if (challenge === undefined) return undefined;
  const { realm, nonce, opaque, algorithm, hash, hasQopAuth } = challenge;
  const digest = (...parts: string[]) => createHash(hash).update(parts.join(':')).digest('hex');
  const secret = digest(request.username, realm, request.password);
  const target = digest(request.method, request.path);
  const cnonce = randomBytes(8).toString('hex');
  const count = '00000001';
  const response = hasQopAuth ? digest(secret, nonce, count, cnonce, 'auth', target) : digest(secret, nonce, target);
  const quote = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
  return [
    `Digest username=${quote(request.username)}`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri=${quote(request.path)}`,
    `response="${response}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ...(hasQopAuth ? ['qop=auth', `nc=${count}`, `cnonce="${cnonce}"`] : []),
  ].join(', ');
}
