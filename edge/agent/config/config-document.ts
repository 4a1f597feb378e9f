import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { isMap, LineCounter, parseDocument } from 'yaml';
import { nearestName } from './nearest-name.ts';

/** A YAML file read, with a memory of where in it everything stands. */
export interface ConfigDocument {
  readonly value: unknown;
  /** What is wrong with it by itself and by a schema; empty when nothing is. */
  readonly problems: string[];
  /** `line 12: ` for a path into the value; the line of the nearest thing that exists. */
  at(path: readonly (string | number)[]): string;
}

const SECRET_KEYS = ['password', 'secret', 'token'];

/** Reads YAML 1.2 strictly: a key given twice and a key the schema does not know are problems. */
export function readConfigDocument(text: string, schema: TSchema): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number): string => `line ${lines.linePos(offset).line}: `;

  const at = (path: readonly (string | number)[]): string => {
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
  const problems = Compile(schema)
    .Errors(value)
    .flatMap((error) => problemsFrom(error as SchemaProblem, schema, at));
  return { value, problems: [...new Set(problems)], at };
}

/** As TypeBox reports it, in the terms of JSON Schema. */
interface SchemaProblem {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

function problemsFrom(
  problem: SchemaProblem,
  schema: TSchema,
  at: (path: readonly (string | number)[]) => string,
): string[] {
  const path = problem.instancePath
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  const name = path.length === 0 ? 'the file' : nameOf(path);
  switch (problem.keyword) {
    case 'boolean':
      // Said again, and better, under `additionalProperties`.
      return [];
    case 'additionalProperties': {
      const known = Object.keys(schemaAt(schema, problem.schemaPath).properties ?? {});
      const unknown = problem.params['additionalProperties'] as string[];
      return unknown.map((key) => `${at([...path, key])}${nameOf([...path, key])} is not a key; ${hint(key, known)}`);
    }
    case 'required': {
      const missing = problem.params['requiredProperties'] as string[];
      return missing.map((key) => `${at(path)}${nameOf([...path, key])} is missing`);
    }
    case 'enum':
      return [`${at(path)}${name} must be one of ${(problem.params['allowedValues'] as unknown[]).join(', ')}`];
    case 'pattern':
      return [`${at(path)}${name} does not have the right form; it ${problem.message}`];
    default:
      return [`${at(path)}${name} ${problem.message}`];
  }
}

function hint(key: string, known: readonly string[]): string {
  if (known.includes('passwordFile') && SECRET_KEYS.includes(key)) {
    return 'secrets do not belong here: name a file with passwordFile or a variable with passwordEnv';
  }
  const nearest = nearestName(key, known);
  return nearest === undefined ? `known here: ${known.join(', ')}` : `did you mean '${nearest}'?`;
}

function nameOf(path: readonly (string | number)[]): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

function schemaAt(schema: TSchema, pointer: string): { readonly properties?: object } {
  return pointer
    .split('/')
    .slice(1)
    .reduce<Record<string, unknown>>(
      (at, step) => at[step] as Record<string, unknown>,
      schema as unknown as Record<string, unknown>,
    );
}
