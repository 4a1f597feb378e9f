import { existsSync, readFileSync } from 'node:fs';
import type { HubKey } from '@dipper/contract/hub-key';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { ConfigInvalidError } from './config-error.ts';
import { makeKeyFile, replaceKeyFile, writePublicFile } from './key-file.ts';

export interface SigningKey {
  /** Ed25519, for receipts and commands. */
  readonly privateKey: CryptoKey;
  readonly privateJwk: JWK;
  /** What edges pin. */
  readonly publicJwk: JWK;
  /** Where the public half lies, for enrolling an edge: `hub.jwk` has `hub.pub.jwk` beside it. */
  readonly publicKeyFile: string;
}

/** The key to sign with at this moment: it is replaced while the hub runs. */
export type SigningKeySource = () => CryptoKey;

const ALGORITHM = 'EdDSA';

/**
 * Reads the hub's signing key (a private Ed25519 JWK, RFC 8037), making it when there is none: mode 0600, with the
 * public half beside it. All copies of a hub share one key.
 *
 * @throws ConfigInvalidError when the file holds something else
 */
export async function loadSigningKey(file: string): Promise<SigningKey> {
  if (!existsSync(file)) await createKey(file);
  const jwk = readJwk(file);
  const { d: _private, ...publicJwk } = jwk;
  const publicKeyFile = publicKeyFileOf(file);
  writePublicFile(publicKeyFile, `${JSON.stringify(publicJwk, null, 2)}\n`);
  try {
    return { privateKey: (await importJWK(jwk, ALGORITHM)) as CryptoKey, privateJwk: jwk, publicJwk, publicKeyFile };
  } catch (cause) {
    throw new ConfigInvalidError(file, ['is not a private Ed25519 key'], { cause });
  }
}

/** Where the public half of a key lies. */
export function publicKeyFileOf(file: string): string {
  return `${file.replace(/\.jwk$/, '')}.pub.jwk`;
}

/** Where the public halves of keys lie that were replaced, for `audit:verify`: what they signed stays true. */
export function retiredKeysFileOf(file: string): string {
  return `${file.replace(/\.jwk$/, '')}.retired.jwks`;
}

/**
 * Puts another key into the file, and the public half of the one before among the retired ones.
 * @throws Error of the file system
 */
export function putSigningKey(file: string, jwk: JWK, before: HubKey): void {
  const retiredFile = retiredKeysFileOf(file);
  const retired = existsSync(retiredFile)
    ? (JSON.parse(readFileSync(retiredFile, 'utf8')) as { keys: JWK[] }).keys
    : [];
  if (!retired.some(({ x }) => x === before.x)) {
    writePublicFile(retiredFile, `${JSON.stringify({ keys: [...retired, before] }, null, 2)}\n`);
  }
  const { d: _private, ...publicJwk } = jwk;
  replaceKeyFile(file, `${JSON.stringify(jwk, null, 2)}\n`);
  writePublicFile(publicKeyFileOf(file), `${JSON.stringify(publicJwk, null, 2)}\n`);
}

async function createKey(file: string): Promise<void> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: ALGORITHM, use: 'sig' };
  makeKeyFile(file, `${JSON.stringify(jwk, null, 2)}\n`);
}

function readJwk(file: string): JWK {
  try {
    const jwk = JSON.parse(readFileSync(file, 'utf8')) as JWK;
    if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519' && jwk.d !== undefined) return jwk;
  } catch (cause) {
    throw new ConfigInvalidError(file, ['cannot be read as a JWK'], { cause });
  }
  throw new ConfigInvalidError(file, ['is not a private Ed25519 key']);
}
