import { parseDocument } from 'yaml';
import type { YamlPath } from './strict-yaml.ts';

/** One value of a file of configuration; undefined takes the key out. */
export interface YamlChange {
  readonly path: YamlPath;
  readonly value: string | number | boolean | undefined;
}

/**
 * Changes values in a YAML text; everything else in it, comments as well, stays. Where nothing changes the text is as it was.
 * @throws Error naming the first thing that is no YAML
 */
export function editYaml(text: string, changes: readonly YamlChange[]): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw error;
  const open = changes.filter(({ path, value }) => document.getIn(path) !== value);
  if (open.length === 0) return text;
  for (const { path, value } of open) {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, value);
  }
  return document.toString({ lineWidth: 0 });
}
