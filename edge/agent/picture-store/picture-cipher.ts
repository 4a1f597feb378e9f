import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * How a picture is sealed, and why so.
 *
 * Each picture has a random 256-bit key of its own (AES-256-GCM, NIST SP 800-38D, random 96-bit nonce). That key is kept
 * in the index, itself sealed with a key derived (HKDF-SHA-256, RFC 5869) from the master key in the key file.
 *
 * **Why a key for each: on flash, deleting a file deletes nothing.** An SSD or SD card writes elsewhere than where it
 * wrote before; neither unlinking nor overwriting reaches the old cells, and half a megabyte of a face can be read from
 * them for months. So a picture is made unreadable by destroying the 60 bytes without which it is noise: the column is
 * emptied with `secure_delete`, and the write-ahead log cut. A stale copy of those bytes may survive in old cells as
 * well; it is sealed with the master key, which lies on another medium if the estate followed the manual. Destroying the
 * key file erases everything at once.
 *
 * The reference, the device and the time are authenticated together with the picture: a file put in another's place, or
 * an index row changed, does not open.
 */
export interface PictureIdentity {
  readonly ref: string;
  readonly device: string;
  readonly capturedAtMs: number;
}

export interface PictureCipher {
  /** Tells one master key from another; says nothing about it. */
  readonly keyId: string;
  seal(picture: Uint8Array, identity: PictureIdentity): { sealed: Buffer; wrappedKey: Buffer };
  /** @throws Error when anything was altered */
  open(sealed: Uint8Array, wrappedKey: Uint8Array, identity: PictureIdentity): Buffer;
}

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** format (1) · nonce (12) · ciphertext · tag (16) */
function encrypt(key: Uint8Array, plain: Uint8Array, aad: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(aad));
  return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, sealed: Uint8Array, aad: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES) throw new Error('sealed bytes are too short');
  if (bytes[0] !== FORMAT) throw new Error(`unknown format ${bytes[0]}`);
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(1, 1 + NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

function derive(masterKey: Uint8Array, purpose: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), `dipper pictures 1: ${purpose}`, length));
}

/** @param masterKey 32 random bytes */
export function createPictureCipher(masterKey: Uint8Array): PictureCipher {
  const wrappingKey = derive(masterKey, 'wrap', KEY_BYTES);
  const pictureAad = ({ ref, device, capturedAtMs }: PictureIdentity) =>
    JSON.stringify(['picture', ref, device, capturedAtMs]);
  const keyAad = ({ ref }: PictureIdentity) => JSON.stringify(['key', ref]);
  return {
    keyId: derive(masterKey, 'key id', 8).toString('hex'),

    seal(picture, identity) {
      const key = randomBytes(KEY_BYTES);
      try {
        return {
          sealed: encrypt(key, picture, pictureAad(identity)),
          wrappedKey: encrypt(wrappingKey, key, keyAad(identity)),
        };
      } finally {
        key.fill(0);
      }
    },

    open(sealed, wrappedKey, identity) {
      const key = decrypt(wrappingKey, wrappedKey, keyAad(identity));
      try {
        return decrypt(key, sealed, pictureAad(identity));
      } finally {
        key.fill(0);
      }
    },
  };
}
