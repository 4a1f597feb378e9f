import { readFileSync } from 'node:fs';
import { nameOfPath, readStrictYaml, type YamlPath } from '@dipper/contract/strict-yaml';
import type { Static, TSchema } from 'typebox';
import { ConfigInvalidError } from './config-error.ts';

export interface YamlFile<T> {
  readonly value: T;
  /** Collects a problem at a path, with the line it stands in. */
  problem(path: YamlPath, text: string): void;
  /** @throws ConfigInvalidError when any problem was collected */
  check(): void;
}

/**
 * Reads a file of configuration strictly.
 *
 * @throws ConfigInvalidError when the file cannot be read or does not match; further checks of the caller are added
 *   with `problem` and thrown by `check`
 */
export function readYamlFile<S extends TSchema>(file: string, schema: S): YamlFile<Static<S>> {
  const { value, problems, at } = readStrictYaml(readText(file), schema);
  const check = (): void => {
    if (problems.length > 0) throw new ConfigInvalidError(file, problems);
  };
  check();
  return {
    value: value as Static<S>,
    problem: (path, text) => void problems.push(`${at(path)}${nameOfPath(path)}: ${text}`),
    check,
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigInvalidError(file, [`cannot be read: ${(cause as Error).message}`], { cause });
  }
}
