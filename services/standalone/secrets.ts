import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Long enough that guessing is no concern, without characters that are easily confused when copied by hand. */
const PASSWORD_ALPHABET = 'abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRSTUVWXYZ23456789';
const PASSWORD_LENGTH = 16;

/** A password for people. */
export function generatePassword(): string {
  const letters = Array.from({ length: PASSWORD_LENGTH }, () => PASSWORD_ALPHABET[randomInt(PASSWORD_ALPHABET.length)]);
  return letters.join('');
}

/** Passwords of programs, one file each, readable by their owner only. */
export interface SecretStore {
  /** The named secret, made when it is first asked for. */
  get(name: string): string;
  pathOf(name: string): string;
}

export function openSecretStore(dir: string): SecretStore {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const pathOf = (name: string): string => join(dir, name);
  return {
    pathOf,
    get(name) {
      const path = pathOf(name);
      if (existsSync(path)) return readFileSync(path, 'utf8').trim();
      const secret = randomBytes(24).toString('base64url');
      writeFileSync(path, secret, { mode: 0o600, flag: 'wx' });
      return secret;
    },
  };
}
