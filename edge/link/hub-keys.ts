import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DipperError } from '@dipper/contract/errors';
import { HubKey } from '@dipper/contract/hub-key';
import { hubKeyId } from '@dipper/contract/hub-key-id';
import { createValidator } from '@dipper/contract/validation';
import { compactVerify, errors } from 'jose';
import { LinkError } from './errors.ts';
import { replaceFile } from './replace-file.ts';

/** The pinned keys of the hub. While a key is being replaced there are two. */
export interface HubKeys {
  /**
   * The JSON that a signature of the hub covers.
   * @param type the `typ` that the protected header must have (RFC 8725 §3.11)
   * @throws DipperError SIGNATURE_INVALID, MESSAGE_NOT_JSON
   */
  open(jws: string, type: string): Promise<unknown>;
  /** What the keys are called (`hubKeyId`). */
  ids(): readonly string[];
  list(): readonly HubKey[];
  /** Called after each replacement, for whoever believes the keys elsewhere; one listener. */
  onReplaced(listener: () => void): void;
  /**
   * Believes these keys from now on and no other, also after a restart.
   * @throws DipperError HUB_KEYS_UNRELATED when none of them is believed now: the next key is learnt before the last goes
   */
  replaceBy(keys: readonly HubKey[]): Promise<void>;
}

const PEM_BLOCK = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;
const AnyHubKey = createValidator(HubKey);

export interface HubKeyFiles {
  /**
   * What the hub's administrator gave out, or an enrolment wrote: Ed25519 public keys as a JWK, a JWK set (RFC 8037), or
   * PEM blocks one after the other (RFC 8410). Only read.
   */
  readonly pinned: string;
  /** What the hub has told since, mode 0600. It counts until somebody changes the pinned file. */
  readonly learnt: string;
}

/**
 * The keys that an agent believes.
 * @throws LinkError HUB_KEY_INVALID; also where the learnt file is damaged: the pinned key may be a retired one
 */
export async function openHubKeys({ pinned, learnt }: HubKeyFiles): Promise<HubKeys> {
  const text = await readFile(pinned, 'utf8').catch((cause: unknown) => {
    throw invalid(pinned, cause);
  });
  const pinnedSha256 = createHash('sha256').update(text).digest('hex');
  const keys = (await readLearnt(learnt, pinnedSha256)) ?? keysFrom(text, pinned);
  return createHubKeys(keys, (next) =>
    replaceFile(learnt, `${JSON.stringify({ pinnedSha256, keys: next }, null, 2)}\n`),
  );
}

/** Undefined where nothing was learnt since the pinned file is what it is. */
async function readLearnt(path: string, pinnedSha256: string): Promise<KeyObject[] | undefined> {
  try {
    const learnt = JSON.parse(await readFile(path, 'utf8')) as { pinnedSha256?: unknown };
    return learnt.pinnedSha256 === pinnedSha256 ? keysFrom(JSON.stringify(learnt), path) : undefined;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause instanceof LinkError ? cause : invalid(path, cause);
  }
}

/** The keys of a file, for whoever never learns another. @throws LinkError HUB_KEY_INVALID */
export async function readHubKeys(path: string): Promise<HubKeys> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw invalid(path, cause);
  });
  return createHubKeys(keysFrom(text, path));
}

/** @throws LinkError HUB_KEY_INVALID */
function keysFrom(text: string, path: string): KeyObject[] {
  try {
    const keys = parseKeys(text);
    if (keys.length === 0) throw new Error('there is no public key in it');
    const other = keys.find((key) => key.asymmetricKeyType !== 'ed25519');
    if (other !== undefined) throw new Error(`its key is of type ${other.asymmetricKeyType}, not Ed25519`);
    return keys;
  } catch (cause) {
    throw invalid(path, cause);
  }
}

function parseKeys(text: string): KeyObject[] {
  if (!text.trimStart().startsWith('{')) return (text.match(PEM_BLOCK) ?? []).map((pem) => createPublicKey(pem));
  const parsed = JSON.parse(text) as JsonWebKey & { keys?: JsonWebKey[] };
  const jwks = parsed.keys ?? [parsed];
  return jwks.map((jwk) => createPublicKey({ key: jwk, format: 'jwk' }));
}

function invalid(path: string, cause: unknown): LinkError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LinkError(
    'HUB_KEY_INVALID',
    `Cannot use the hub's public key ${path}: ${why}. Fetch it from the hub, or enrol again.`,
    { cause },
  );
}

/** @param keep puts down what is believed from now on; before it is */
export function createHubKeys(
  first: readonly KeyObject[],
  keep: (keys: readonly HubKey[]) => Promise<void> = async () => undefined,
): HubKeys {
  let believed = new Map(first.map((key) => [hubKeyId(jwkOf(key)), key]));
  let tellReplaced = (): void => undefined;
  /** One after the other: what is kept last is what is believed. */
  let turn: Promise<void> = Promise.resolve();

  const replaceBy = async (keys: readonly HubKey[]): Promise<void> => {
    const next = new Map(keys.map((jwk) => [hubKeyId(jwk), createPublicKey({ key: jwk, format: 'jwk' })]));
    if (![...next.keys()].some((id) => believed.has(id))) throw new DipperError('HUB_KEYS_UNRELATED');
    await keep(keys);
    believed = next;
    tellReplaced();
  };
  return {
    async open(jws, type) {
      const payload = await verify(jws, type, [...believed.values()]);
      try {
        return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
      } catch (cause) {
        throw new DipperError('MESSAGE_NOT_JSON', { cause });
      }
    },
    ids: () => [...believed.keys()],
    list: () => [...believed.values()].map(jwkOf),
    onReplaced(listener) {
      tellReplaced = listener;
    },
    replaceBy(keys) {
      const mine = turn.then(() => replaceBy(keys));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

function jwkOf(key: KeyObject): HubKey {
  const { kty, crv, x } = key.export({ format: 'jwk' });
  return AnyHubKey.parse({ kty, crv, x });
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
