import { createHash, randomBytes } from 'node:crypto';
import { DipperError } from '@dipper/contract/errors';

/** Crockford's base 32: no I, L, O, U, which are misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 20;
const GROUP = /.{4}(?!$)/g;

/** 100 random bits for a person to write down, e.g. `7KQ2-9MXT-B4RW-6HZC-PD8V`. */
export function createSecretCode(): string {
  const code = Array.from(randomBytes(CHARACTERS), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return code.replace(GROUP, '$&-');
}

/**
 * A code as somebody typed it, the way it was given out; what can only be a slip is put right.
 * @throws DipperError REQUEST_INVALID for what is none
 */
export function readSecretCode(typed: string): string {
  const characters = typed.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
  if (!/^[0-9A-HJKMNP-TV-Z]{20}$/.test(characters)) {
    throw new DipperError('REQUEST_INVALID', { message: '/params/code: is no code' });
  }
  return characters.replace(GROUP, '$&-');
}

/** What the hub keeps of a code. With 100 random bits nobody finds the code to a hash, salted or not. */
export function hashSecretCode(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
