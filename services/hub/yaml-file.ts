import { readFileSync } from 'node:fs';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { ConfigInvalidError, suggestName } from './config-error.ts';

export interface YamlFile<T> {
  readonly value: T;
  /** Collects a problem at a path, with the line it stands in. */
  problem(path: readonly (string | number)[], text: string): void;
  /** @throws ConfigInvalidError when any problem was collected */
  check(): void;
}

/**
 * Reads a file of configuration strictly: unknown keys are errors, and every error names its line, its key and, where
 * a name was mistyped, the nearest valid one.
 *
 * @throws ConfigInvalidError when the file cannot be read or does not match; further checks of the caller are added
 *   with `problem` and thrown by `check`
 */
export function readYamlFile<S extends TSchema>(file: string, schema: S): YamlFile<Static<S>> {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, prettyErrors: false });
  const problems: string[] = document.errors.map(
    (error) => `line ${lines.linePos(error.pos[0]).line}: ${error.message}`,
  );
  if (problems.length > 0) throw new ConfigInvalidError(file, problems);

  const value: unknown = document.toJS();
  const problem = (path: readonly (string | number)[], text: string): void => {
    problems.push(`line ${lineOf(document, lines, path)}: ${path.join('.') || 'file'}: ${text}`);
  };
  const check = (): void => {
    if (problems.length > 0) throw new ConfigInvalidError(file, problems);
  };
  for (const error of Compile(schema).Errors(value)) {
    const path = pathOf(error.instancePath);
    if (error.keyword === 'boolean') continue; // said again, better, by additionalProperties
    if (error.keyword === 'additionalProperties') {
      const known = Object.keys(propertiesAt(schema, error.schemaPath));
      for (const key of (error.params as { additionalProperties: string[] }).additionalProperties) {
        problem([...path, key], `unknown key; ${suggestName(key, known)}`);
      }
    } else if (error.keyword === 'enum') {
      const allowed = (error.params as { allowedValues: unknown[] }).allowedValues.map(String);
      const given = String(document.getIn(path));
      problem(path, `'${given}' is not one of the choices; ${suggestName(given, allowed)}`);
    } else {
      problem(path, error.message);
    }
  }
  check();
  return { value: value as Static<S>, problem, check };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigInvalidError(file, [`cannot be read: ${(cause as Error).message}`], { cause });
  }
}

/** RFC 6901. */
function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function propertiesAt(schema: TSchema, schemaPath: string): object {
  let at: unknown = schema;
  for (const part of pathOf(schemaPath.slice(1))) at = (at as Record<string | number, unknown> | undefined)?.[part];
  return (at as { properties?: object } | undefined)?.properties ?? {};
}

/** The line of a value, or of the nearest thing around it that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
