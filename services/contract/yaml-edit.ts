import { parseDocument } from 'yaml';
import type { YamlPath } from './strict-yaml.ts';

/** One value of a file of configuration; undefined takes the key out. */
export interface YamlChange {
  readonly path: YamlPath;
  readonly value: string | number | boolean | readonly [] | undefined;
}

/**
 * Changes values in a YAML text; everything else in it, comments as well, stays.
 * @throws Error naming the first thing that is no YAML
 */
export function editYaml(text: string, changes: readonly YamlChange[]): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw error;
  for (const { path, value } of changes) {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, value);
  }
  return document.toString({ lineWidth: 0 });
}
