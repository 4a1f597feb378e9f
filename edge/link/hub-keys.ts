import { createPublicKey, type KeyObject } from 'node:crypto';
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
 * Reads the file that the hub's administrator gave out: one or more Ed25519 public keys in PEM (RFC 8410), one after
 * the other.
 * @throws LinkError HUB_KEY_INVALID
 */
export async function readHubKeys(path: string): Promise<HubKeys> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new LinkError('HUB_KEY_INVALID', `Cannot read the hub's public key ${path}.`, { cause });
  }
  const blocks = text.match(PEM_BLOCK) ?? [];
  if (blocks.length === 0) throw new LinkError('HUB_KEY_INVALID', `${path} holds no public key in PEM.`);
  return createHubKeys(blocks.map((pem) => keyFrom(pem, path)));
}

function keyFrom(pem: string, path: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw new LinkError('HUB_KEY_INVALID', `${path} holds a public key that cannot be read.`, { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new LinkError('HUB_KEY_INVALID', `${path} holds a key of type ${key.asymmetricKeyType}; Ed25519 is needed.`);
  }
  return key;
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
