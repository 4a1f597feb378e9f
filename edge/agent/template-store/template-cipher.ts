import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { FaceTemplate } from '../../vision/face-embedder.ts';

/** What a template belongs to; authenticated together with it, so that a row changed or put in another's place does not open. */
export interface TemplateIdentity {
  readonly holder: string;
  readonly consent: string;
  readonly model: string;
  readonly accessPoints: readonly string[];
}

export interface TemplateCipher {
  /** Tells one key from another; says nothing about it. */
  readonly keyId: string;
  seal(templates: readonly FaceTemplate[], identity: TemplateIdentity): Buffer;
  /** @throws Error when anything was altered */
  open(sealed: Uint8Array, identity: TemplateIdentity): FaceTemplate[];
}

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals the templates of one person: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce, under a key derived
 * (HKDF-SHA-256, RFC 5869) from the estate's. Layout: format (1) · nonce (12) · ciphertext · tag (16); the plain text is how many
 * numbers a template has (uint16, little-endian) and then float32 after float32.
 *
 * @param estateKey 32 random bytes
 */
export function createTemplateCipher(estateKey: Uint8Array): TemplateCipher {
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync('sha256', estateKey, Buffer.alloc(0), `dipper face templates 1: ${purpose}`, length));
  const key = derive('seal', 32);
  const aad = ({ holder, consent, model, accessPoints }: TemplateIdentity) =>
    Buffer.from(JSON.stringify(['face templates', holder, consent, model, accessPoints]));
  return {
    keyId: derive('key id', 8).toString('hex'),

    seal(templates, identity) {
      const plain = packed(templates);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(aad(identity));
      try {
        return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      } finally {
        plain.fill(0);
      }
    },

    open(sealed, identity) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== FORMAT) throw new Error('not a sealed template');
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(1, 1 + NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(aad(identity));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const plain = Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      try {
        return unpacked(plain);
      } finally {
        plain.fill(0);
      }
    },
  };
}

function packed(templates: readonly FaceTemplate[]): Buffer {
  const length = templates[0]?.length ?? 0;
  const plain = Buffer.alloc(2 + templates.length * length * 4);
  plain.writeUInt16LE(length, 0);
  for (const [which, template] of templates.entries()) {
    for (let index = 0; index < length; index += 1) {
      plain.writeFloatLE(template[index] ?? 0, 2 + (which * length + index) * 4);
    }
  }
  return plain;
}

function unpacked(plain: Buffer): FaceTemplate[] {
  const length = plain.readUInt16LE(0);
  const count = length === 0 ? 0 : (plain.length - 2) / 4 / length;
  return Array.from({ length: count }, (_, which) =>
    Float32Array.from({ length }, (_value, index) => plain.readFloatLE(2 + (which * length + index) * 4)),
  );
}
