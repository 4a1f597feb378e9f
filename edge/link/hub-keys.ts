import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DipperError } from '@dipper/contract/errors';
import { compactVerify, errors } from 'jose';
import { LinkError } from './errors.ts';

/** The pinned keys of the hub. While a key is being replaced there are two. */
export interface HubKeys {
  /**
   * The JSON that a signature of the hub covers.
   * @param type the `typ` that the protected header must have (RFC 8725 §3.11)
   * @throws DipperError SIGNATURE_INVALID, MESSAGE_NOT_JSON
   */
  open(jws: string, type: string): Promise<unknown>;
}

const PEM_BLOCK = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/**
 * Reads the file that the hub's administrator gave out: Ed25519 public keys as a JWK, a JWK set (RFC 8037), or PEM
 * blocks one after the other (RFC 8410). Two of them while a key is being replaced.
 * @throws LinkError HUB_KEY_INVALID
 */
export async function readHubKeys(path: string): Promise<HubKeys> {
  try {
    const keys = keysFrom(await readFile(path, 'utf8'));
    if (keys.length === 0) throw new Error('there is no public key in it');
    const other = keys.find((key) => key.asymmetricKeyType !== 'ed25519');
    if (other !== undefined) throw new Error(`its key is of type ${other.asymmetricKeyType}, not Ed25519`);
    return createHubKeys(keys);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LinkError('HUB_KEY_INVALID', `Cannot use the hub's public key ${path}: ${why}. Fetch it from the hub.`, {
      cause,
    });
  }
}

function keysFrom(text: string): KeyObject[] {
  if (!text.trimStart().startsWith('{')) return (text.match(PEM_BLOCK) ?? []).map((pem) => createPublicKey(pem));
  const parsed = JSON.parse(text) as JsonWebKey & { keys?: JsonWebKey[] };
  const jwks = parsed.keys ?? [parsed];
  return jwks.map((jwk) => createPublicKey({ key: jwk, format: 'jwk' }));
}

export function createHubKeys(keys: readonly KeyObject[]): HubKeys {
  return {
    async open(jws, type) {
      const payload = await verify(jws, type, keys);
      try {
        return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
      } catch (cause) {
        throw new DipperError('MESSAGE_NOT_JSON', { cause });
      }
    },
  };
}

async function verify(jws: string, type: string, keys: readonly KeyObject[]): Promise<Uint8Array> {
  for (const key of keys) {
    try {
      const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ['EdDSA', 'Ed25519'] });
      if (protectedHeader.typ !== type) {
        throw new DipperError('SIGNATURE_INVALID', { message: `The signature is for '${protectedHeader.typ}'.` });
      }
      return payload;
    } catch (error) {
      // Anything else that is wrong with it is wrong under every key.
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) {
        throw error instanceof DipperError ? error : new DipperError('SIGNATURE_INVALID', { cause: error });
      }
    }
  }
  throw new DipperError('SIGNATURE_INVALID');
}
