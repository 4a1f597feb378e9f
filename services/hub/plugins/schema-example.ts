import { FIRST_CHOICE, sampleOf } from './pattern-sample.ts';

/** As much of JSON Schema as the API's own schemas use. */
export interface ApiSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly example?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly ApiSchema[];
  readonly oneOf?: readonly ApiSchema[];
  readonly allOf?: readonly ApiSchema[];
  readonly properties?: Readonly<Record<string, ApiSchema>>;
  readonly required?: readonly string[];
  readonly items?: ApiSchema;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly minProperties?: number;
}

const FORMATS: Readonly<Record<string, string>> = {
  uuid: '0190f0b2-5c1e-7a3b-9d4f-2b6c8e1a7d55',
  date: '2026-11-24',
  'date-time': '2026-11-24T08:00:00.000Z',
  email: 'somebody@example.cn',
  uri: 'https://example.cn/',
};
/** Expressions for which the shortest text that matches would tell a reader nothing. */
const TELLING: readonly string[] = [
  ...['2026-11-24T08:00:00.000Z', '2026-11-24', '08:30', 'lanting', 'lanting-service-gate', 'gate.forced'],
  ...['MEDIA_EXPIRED', 'https://hooks.example.cn/dipper', '123456', 'zh', 'Asia/Shanghai'],
];

/**
 * An example of what a schema describes: the one that the schema names, else one made of its parts, the same each time.
 * Members that may be left out are left out, unless so many members are asked for.
 *
 * @throws Error for an expression that nothing is known for; the schema then needs `examples`
 */
export function exampleOf(schema: ApiSchema): unknown {
  const given = schema.examples?.[0] ?? schema.example;
  if (given !== undefined) return given;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.allOf !== undefined) {
    return Object.assign({}, ...schema.allOf.map((each) => exampleOf(each) as object));
  }
  const [branch] = schema.anyOf ?? schema.oneOf ?? [];
  if (branch !== undefined) return exampleOf(branch);
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  if (type === 'object' || schema.properties !== undefined) return objectExample(schema);
  if (type === 'array') {
    const items = schema.items;
    return items === undefined ? [] : Array.from({ length: Math.max(schema.minItems ?? 1, 1) }, () => exampleOf(items));
  }
  if (type === 'integer' || type === 'number') return numberExample(schema);
  if (type === 'boolean') return true;
  if (type === 'null') return null;
  return type === 'string' ? textExample(schema) : {};
}

function objectExample({ properties = {}, required = [], minProperties = 0 }: ApiSchema): unknown {
  const names = Object.keys(properties);
  const chosen = names.filter((name) => required.includes(name));
  for (const name of names) if (chosen.length < minProperties && !chosen.includes(name)) chosen.push(name);
  return Object.fromEntries(
    names.filter((name) => chosen.includes(name)).map((name) => [name, exampleOf(properties[name] ?? {})]),
  );
}

function numberExample({ minimum, exclusiveMinimum }: ApiSchema): number {
  return minimum ?? (exclusiveMinimum === undefined ? 1 : exclusiveMinimum + 1);
}

function textExample({ pattern, format, minLength = 0 }: ApiSchema): string {
  if (format !== undefined && FORMATS[format] !== undefined) return FORMATS[format];
  if (pattern === undefined) return minLength > 'text'.length ? 'text'.repeat(Math.ceil(minLength / 4)) : 'text';
  const expression = new RegExp(pattern, 'u');
  return TELLING.find((text) => expression.test(text)) ?? sampleOf(pattern, FIRST_CHOICE);
}
