import { createHash } from 'node:crypto';
import type { HubKey } from './hub-key.ts';

/** The thumbprint of a key (RFC 7638): SHA-256 over its members in the order of their names. */
export function hubKeyId({ crv, kty, x }: HubKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}
