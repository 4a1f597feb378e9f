import { CompactSign, type CryptoKey, compactVerify, errors } from 'jose';
import type { ChainEnd } from './audit-chain.ts';

/** `typ` of what the hub signs about its audit trail (RFC 8725 §3.11). */
const AUDIT_TYPE = 'dipper-audit+jws';

/**
 * What the hub signed about a row: that the chain had come to it (`head`), or that everything up to it was deleted
 * because its time was over (`checkpoint`).
 */
export interface AuditSeal extends ChainEnd {
  readonly kind: 'head' | 'checkpoint';
  readonly at: string;
}

/** A compact JWS, EdDSA with the hub's key. */
export function signAuditSeal(key: CryptoKey, { kind, id, hash, at }: AuditSeal): Promise<string> {
  const claims = JSON.stringify({ kind, id, hash: hash.toString('hex'), at });
  return new CompactSign(new TextEncoder().encode(claims))
    .setProtectedHeader({ alg: 'EdDSA', typ: AUDIT_TYPE })
    .sign(key);
}

/** What was signed; undefined when none of the keys has signed it. */
export async function openAuditSeal(jws: string, keys: readonly CryptoKey[]): Promise<AuditSeal | undefined> {
  for (const key of keys) {
    try {
      const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ['EdDSA', 'Ed25519'] });
      if (protectedHeader.typ !== AUDIT_TYPE) return undefined;
      const { kind, id, hash, at } = JSON.parse(new TextDecoder().decode(payload)) as Record<keyof AuditSeal, string>;
      return { kind: kind as AuditSeal['kind'], id, hash: Buffer.from(hash, 'hex'), at };
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) return undefined;
    }
  }
  return undefined;
}
