import { createPublicKey, type KeyObject } from 'node:crypto';
import { DipperError } from '@dipper/contract/errors';
import type { HubKey } from '@dipper/contract/hub-key';
import { compactVerify } from 'jose';

/** The hub's keys as the gate process believes them. It verifies by itself what opens doors; the agent's word is not enough. */
export interface TrustedKeys {
  replaceBy(keys: readonly HubKey[]): void;
  /**
   * The JSON that a signature of the hub covers.
   * @param type the `typ` that the protected header must have (RFC 8725 §3.11)
   * @throws DipperError SIGNATURE_INVALID, MESSAGE_NOT_JSON
   */
  open(jws: string, type: string): Promise<unknown>;
}

/** Believes nobody until it is told whom. */
export function createTrustedKeys(): TrustedKeys {
  let believed: readonly KeyObject[] = [];
  return {
    replaceBy(keys) {
      believed = keys.map((key) => createPublicKey({ key, format: 'jwk' }));
    },
    async open(jws, type) {
      const payload = await verify(jws, type, believed);
      try {
        return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
      } catch (cause) {
        throw new DipperError('MESSAGE_NOT_JSON', { cause });
      }
    },
  };
}

async function verify(jws: string, type: string, keys: readonly KeyObject[]): Promise<Uint8Array> {
  let cause: unknown;
  for (const key of keys) {
    try {
      const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ['EdDSA', 'Ed25519'] });
      if (protectedHeader.typ === type) return payload;
      cause = new Error(`The signature is for '${protectedHeader.typ}'.`);
    } catch (error) {
      cause = error;
    }
  }
  throw new DipperError('SIGNATURE_INVALID', { cause });
}
