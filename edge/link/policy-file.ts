import { readFile } from 'node:fs/promises';
import { PolicyFile } from '@dipper/contract/policy';
import { createValidator } from '@dipper/contract/validation';
import { replaceFile } from './replace-file.ts';

const Stored = createValidator(PolicyFile);

/** What lies there, as it was put down; undefined where there is nothing. @throws Error where it cannot be read */
export async function readPolicyFile(path: string): Promise<PolicyFile | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : Stored.parse(JSON.parse(text));
}

/** Puts a policy down, whole or not at all. */
export function writePolicyFile(path: string, file: PolicyFile): Promise<void> {
  return replaceFile(path, JSON.stringify(file));
}
