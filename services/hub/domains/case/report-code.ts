import { createHash, randomBytes } from 'node:crypto';

/** Crockford's base 32: no I, L, O, U, which are misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 20;
const GROUP = /.{4}(?!$)/g;

/** 100 random bits for a person to write down, e.g. `7KQ2-9MXT-B4RW-6HZC-PD8V`. */
export function createReportCode(): string {
  const code = Array.from(randomBytes(CHARACTERS), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return code.replace(GROUP, '$&-');
}

/** A code as somebody typed it, the way it was given out; what can only be a slip is put right. */
export function readReportCode(typed: string): string | undefined {
  const characters = typed.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
  return /^[0-9A-HJKMNP-TV-Z]{20}$/.test(characters) ? characters.replace(GROUP, '$&-') : undefined;
}

/** What the hub keeps of a code. With 100 random bits nobody finds the code to a hash, salted or not. */
export function hashReportCode(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
