import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HubConfig } from '../config.ts';
import { ConfigInvalidError } from '../config-error.ts';
import { type Finding, finding, reasonOf } from './finding.ts';

/** Group and others. */
const OTHERS = 0o077;
const LOW_BYTES = 5e9;
const LOW_SHARE = 0.1;

/** One file of configuration and how the hub reads it. */
export interface ReadableFile {
  /** For a person, e.g. `rules`. */
  readonly what: string;
  readonly file: string;
  /** @throws Error saying what is wrong and where */
  readonly read: () => unknown;
}

export function checkFiles(files: readonly ReadableFile[]): Finding[] {
  return files.map(({ what, file, read }) => {
    try {
      read();
      return finding('ok', 'FILE_OK', { what, file });
    } catch (error) {
      return finding('wrong', 'FILE_INVALID', { what, file, problem: problemOf(error) });
    }
  });
}

function problemOf(error: unknown): string {
  return error instanceof ConfigInvalidError ? error.problems.join('; ') : reasonOf(error);
}

export function checkKeys({
  signingKeyFile,
  secretsKeyFile,
}: Pick<HubConfig, 'signingKeyFile' | 'secretsKeyFile'>): Finding[] {
  const isSigningKey = (content: string): boolean =>
    (JSON.parse(content) as { crv?: string; d?: string }).d !== undefined;
  const isSecretsKey = (content: string): boolean => Buffer.from(content.trim(), 'base64').length === 32;
  return [checkKey(signingKeyFile, isSigningKey), checkKey(secretsKeyFile, isSecretsKey)];
}

function checkKey(file: string, isRight: (content: string) => boolean): Finding {
  if (!existsSync(file)) return finding('warning', 'KEY_ABSENT', { file });
  const mode = statSync(file).mode & 0o777;
  if ((mode & OTHERS) !== 0) return finding('wrong', 'KEY_OPEN', { file, mode: mode.toString(8) });
  try {
    if (isRight(readFileSync(file, 'utf8'))) return finding('ok', 'KEY_OK', { file });
    return finding('wrong', 'KEY_INVALID', { file, problem: 'not a key of this kind' });
  } catch (error) {
    // What a parser says may quote the key.
    const problem = error instanceof SyntaxError ? 'not JSON' : reasonOf(error);
    return finding('wrong', 'KEY_INVALID', { file, problem });
  }
}

/** Nothing where agents do not enrol. */
export function checkBrokerPasswords({ brokerPasswordsFile: file }: Pick<HubConfig, 'brokerPasswordsFile'>): Finding[] {
  if (file === undefined) return [];
  try {
    accessSync(dirname(file), constants.W_OK | constants.X_OK);
    if (existsSync(file)) accessSync(file, constants.R_OK);
    return [finding('ok', 'PASSWORDS_OK', { file })];
  } catch (error) {
    return [finding('wrong', 'PASSWORDS_READ_ONLY', { file, reason: reasonOf(error) })];
  }
}

export function checkConsole({ consoleDir }: Pick<HubConfig, 'consoleDir'>): Finding {
  const isBuilt = existsSync(join(consoleDir, 'index.html'));
  return isBuilt ? finding('ok', 'CONSOLE_OK') : finding('warning', 'CONSOLE_MISSING', { dir: consoleDir });
}

/** Free space where the hub, or a database on this machine, keeps its files. Nothing where it cannot be told. */
export function checkDisk(dir: string): Finding[] {
  const existing = existsSync(dir) ? dir : dirname(dir);
  try {
    const { bavail, bsize, blocks } = statfsSync(existing);
    const [freeBytes, share] = [bavail * bsize, bavail / blocks];
    const values = { dir: existing, freeGb: Math.round(freeBytes / 1e8) / 10, percent: Math.round(share * 100) };
    const isLow = freeBytes < LOW_BYTES || share < LOW_SHARE;
    return [isLow ? finding('warning', 'DISK_LOW', values) : finding('ok', 'DISK_OK', values)];
  } catch {
    return [];
  }
}
