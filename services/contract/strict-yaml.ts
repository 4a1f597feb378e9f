import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { isMap, LineCounter, parseDocument } from 'yaml';
import { nearestName, suggestName } from './nearest-name.ts';

/** Where something stands in a file of configuration. */
export type YamlPath = readonly (string | number)[];

/** A YAML file read, with a memory of where in it everything stands. */
export interface StrictYaml {
  readonly value: unknown;
  /** What is wrong with it by itself and by a schema, one sentence each; empty when nothing is. */
  readonly problems: string[];
  /** `line 12: ` for a path into the value; the line of the nearest thing that exists, empty where nothing does. */
  at(path: YamlPath): string;
}

export interface StrictYamlOptions {
  /** What to say of an unknown key instead of the nearest one that is known. */
  readonly hintFor?: (key: string, known: readonly string[]) => string | undefined;
}

/**
 * Reads YAML 1.2 strictly: a key given twice and a key the schema does not know are problems. Each problem names its
 * line, its key and, where a name was mistyped, the nearest right one. A value is never repeated: it may be secret.
 */
export function readStrictYaml(text: string, schema: TSchema, options: StrictYamlOptions = {}): StrictYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number): string => `line ${lines.linePos(offset).line}: `;

  const at = (path: YamlPath): string => {
    for (let length = path.length; length > 0; length -= 1) {
      const parent = document.getIn(path.slice(0, length - 1), true);
      const last = path[length - 1];
      // The key's own line, where there is a key: its value may begin further down.
      const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === String(last)) : undefined;
      const node = (pair?.key ?? document.getIn(path.slice(0, length), true)) as { range?: [number] } | undefined;
      if (node?.range !== undefined) return lineOf(node.range[0]);
    }
    return '';
  };

  const syntax = document.errors.map((error) => `${lineOf(error.pos[0])}${error.message}`);
  if (syntax.length > 0) return { value: undefined, problems: syntax, at };
  const value: unknown = document.toJS();
  const given = (path: YamlPath): unknown => document.getIn(path);
  const problems = Compile(schema)
    .Errors(value)
    .flatMap((error) => problemsFrom(error as SchemaProblem, { schema, at, given, ...options }));
  return { value, problems: [...new Set(problems)], at };
}

/** As a person writes a path: `cameras[0].id`; `the file` for the whole. */
export function nameOfPath(path: YamlPath): string {
  if (path.length === 0) return 'the file';
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** As TypeBox reports it, in the terms of JSON Schema. */
interface SchemaProblem {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

interface Reading extends StrictYamlOptions {
  readonly schema: TSchema;
  readonly at: (path: YamlPath) => string;
  readonly given: (path: YamlPath) => unknown;
}

function problemsFrom(problem: SchemaProblem, { schema, at, given, hintFor }: Reading): string[] {
  const path = stepsOf(problem.instancePath).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  const name = nameOfPath(path);
  switch (problem.keyword) {
    case 'boolean':
      // Said again, and better, under `additionalProperties`.
      return [];
    case 'additionalProperties': {
      const known = Object.keys(schemaAt(schema, problem.schemaPath).properties ?? {});
      const unknown = problem.params['additionalProperties'] as string[];
      return unknown.map((key) => {
        const place = [...path, key];
        return `${at(place)}${nameOfPath(place)} is not a key; ${hintFor?.(key, known) ?? suggestName(key, known)}`;
      });
    }
    case 'required': {
      const missing = problem.params['requiredProperties'] as string[];
      return missing.map((key) => `${at(path)}${nameOfPath([...path, key])} is missing`);
    }
    case 'enum': {
      const allowed = (problem.params['allowedValues'] as unknown[]).map(String);
      const nearest = nearestName(String(given(path)), allowed);
      const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
      return [`${at(path)}${name} must be one of ${allowed.join(', ')}${hint}`];
    }
    case 'pattern':
      return [`${at(path)}${name} does not have the right form; it ${problem.message}`];
    default:
      return [`${at(path)}${name} ${problem.message}`];
  }
}

/** The steps of a JSON pointer, RFC 6901. */
function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function schemaAt(schema: TSchema, pointer: string): { readonly properties?: object } {
  return stepsOf(pointer).reduce<Record<string, unknown>>(
    (at, step) => at[step] as Record<string, unknown>,
    schema as unknown as Record<string, unknown>,
  );
}
