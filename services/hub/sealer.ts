import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { ConfigInvalidError } from './config-error.ts';
import { makeKeyFile } from './key-file.ts';

/** Encrypts what the hub has to keep and to read again, so that whoever has the database alone has nothing. */
export interface Sealer {
  /** @param context what it belongs to: what is sealed for one place cannot be opened in another */
  seal(text: string, context: string): Buffer;
  /** @throws Error when it was altered, sealed with another key or for another context */
  open(sealed: Buffer, context: string): string;
  /**
   * The same for the same text and context, and nothing without the key: finds a sealed value without opening all.
   * @param context what it is looked for among
   */
  fingerprint(text: string, context: string): Buffer;
}

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** NIST SP 800-38D §8.2.2: random nonces of 96 bits, far fewer than 2^32 of them per key here. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Reads the key (32 bytes, base64), making it when there is none: mode 0600. All copies of a hub share one key; what
 * it sealed is lost with it.
 *
 * @throws ConfigInvalidError when the file holds something else
 */
export function loadSealer(keyFile: string): Sealer {
  if (!existsSync(keyFile)) makeKeyFile(keyFile, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  const key = Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'base64');
  if (key.length !== KEY_BYTES) throw new ConfigInvalidError(keyFile, [`is not a key of ${KEY_BYTES} bytes in base64`]);
  return createSealer(key);
}

export function createSealer(key: Buffer): Sealer {
  // A key of its own (RFC 5869): one key is not used for two things.
  const fingerprintKey = Buffer.from(hkdfSync('sha256', key, '', 'dipper-fingerprint', KEY_BYTES));
  return {
    fingerprint: (text, context) => createHmac('sha256', fingerprintKey).update(`${context}\0${text}`).digest(),
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    },
    open(sealed, context) {
      const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(context))
        .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString(
        'utf8',
      );
    },
  };
}
