import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Passwords of programs, one file each, readable by their owner only. */
export interface SecretStore {
  /** The named secret, made when it is first asked for. */
  get(name: string): string;
  /** Where the named secret lies, made when it is first asked for. */
  fileOf(name: string): string;
  /** Keeps a secret that was given from outside. Returns where. */
  put(name: string, secret: string): string;
}

export function openSecretStore(dir: string): SecretStore {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const fileOf = (name: string): string => {
    const path = join(dir, name);
    if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
    return path;
  };
  return {
    fileOf,
    get: (name) => readFileSync(fileOf(name), 'utf8').trim(),
    put(name, secret) {
      const path = join(dir, name);
      writeFileSync(path, secret, { mode: 0o600 });
      return path;
    },
  };
}
