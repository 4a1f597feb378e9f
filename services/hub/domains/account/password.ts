import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** Argon2id with 19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet, first of its equivalent choices. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Letters and digits that nobody mistakes for one another when copying by hand. */
const READABLE = 'abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRSTUVWXYZ23456789';
const GENERATED_CHARACTERS = 16;

/** A password in the form that is stored (PHC string with its own salt and cost). */
export function hashPassword(password: string): Promise<string> {
  return hash(normalise(password), ARGON2ID);
}

/** Whether a password is the one that was stored. A stored hash of another make is no match. */
export async function isPassword(stored: string, password: string): Promise<boolean> {
  try {
    return await verify(stored, normalise(password));
  } catch {
    return false;
  }
}

/** The same characters typed on two keyboards may differ in bytes (NIST SP 800-63B §5.1.1.2). */
function normalise(password: string): string {
  return password.normalize('NFKC');
}

/** A password for a first account: 16 readable characters, 92 bits. */
export function generatePassword(): string {
  let password = '';
  while (password.length < GENERATED_CHARACTERS) {
    // Bytes past the last whole multiple of the alphabet would favour its first letters.
    const byte = randomBytes(1)[0] ?? 255;
    if (byte < READABLE.length * Math.floor(256 / READABLE.length)) password += READABLE[byte % READABLE.length];
  }
  return password;
}
