import { type Choice, sampleOf } from '@dipper/hub/plugins/pattern-sample';
import type { ApiSchema } from '@dipper/hub/plugins/schema-example';
import type { ApiOperation } from './api-document.ts';

/** A request that a schema gave rise to, right or wrong. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: string | undefined;
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
export function createChoice(seed: number): Choice {
  let state = seed >>> 0;
  return {
    below(limit) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(limit, 1);
    },
  };
}

/** How much of a request is made to be wrong: none of it, about one value in four, or nearly all. */
export type Mood = 'valid' | 'mixed' | 'wild';

const TEXTS = [
  ...[
    '',
    ' ',
    'a',
    '网格',
    '\u0000',
    'a\u0000b',
    '\u202e',
    '\ud83d\ude00',
    '\ud800',
    '\ufeff',
    '%00',
    '../../etc/passwd',
  ],
  ...["'; drop table dipper.alarm; --", '{{7*7}}', '<script>', '\r\nX: y', 'null', 'undefined', '__proto__', 'NaN'],
  ...['x'.repeat(513), '中'.repeat(2_049), 'x'.repeat(70_000)],
];
const NUMBERS = [0, -1, 1, 0.5, 2 ** 31, 2 ** 31 - 1, 2 ** 53, -(2 ** 53), 1e308, -0, 1e-7];
const TIMES = [
  '2026-02-30T00:00:00.000Z',
  '0000-00-00T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '0001-01-01T00:00:00.000Z',
];
const WRONG: readonly unknown[] = [
  null,
  true,
  [],
  {},
  '',
  0,
  [[[]]],
  { a: { b: null } },
  [null],
  Number.MAX_SAFE_INTEGER,
];
const CONTENT_TYPES = [
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'application/xml',
  'multipart/form-data',
];
/** A valid value of these would make the request wait, which is right and slow. */
const SLOW = ['waitSec'];

/**
 * A request to an operation, made of its own description.
 *
 * @param known ids that exist, to be tried where an id is asked for
 */
export function fuzzRequest(
  operation: ApiOperation,
  mood: Mood,
  choice: Choice,
  known: readonly string[],
): FuzzRequest {
  const pick = <T>(items: readonly T[]): T => items[choice.below(items.length)] as T;
  const isWrong = (): boolean => mood !== 'valid' && choice.below(mood === 'wild' ? 2 : 5) === 0;
  const text = (schema: ApiSchema): string => {
    if (isWrong()) return pick(schema.pattern?.includes('T') ? [...TIMES, ...TEXTS] : TEXTS);
    if (schema.format === 'uuid')
      return known.length > 0 && choice.below(2) === 0 ? pick(known) : sampleOf(UUID, choice);
    if (schema.pattern !== undefined) return sampleOf(schema.pattern, choice);
    const { minLength = 0, maxLength = 40 } = schema as ApiSchema & { maxLength?: number };
    const length = pick([minLength, Math.min(minLength + 1, maxLength), Math.min(maxLength, 3_000)]);
    return Array.from({ length }, () => pick(['a', '7', ' ', '网', '😀', '"', '\\', '/']))
      .join('')
      .slice(0, length);
  };
  const value = (schema: ApiSchema, depth: number): unknown => {
    if (depth > 6) return null;
    if (isWrong() && choice.below(3) === 0) return pick(WRONG);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return isWrong() ? pick(TEXTS) : pick(schema.enum);
    const branches = schema.anyOf ?? schema.oneOf;
    if (branches !== undefined) return value(pick(branches), depth + 1);
    const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
    if (type === 'object' || schema.properties !== undefined) return object(schema, depth);
    if (type === 'array') return array(schema, depth);
    if (type === 'integer' || type === 'number') return number(schema);
    if (type === 'boolean') return choice.below(2) === 0;
    if (type === 'null') return null;
    return text(schema);
  };
  const object = ({ properties = {}, required = [] }: ApiSchema, depth: number): unknown => {
    const made: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(properties)) {
      if (SLOW.includes(name)) continue;
      const isKept = required.includes(name) ? !(isWrong() && choice.below(3) === 0) : choice.below(2) === 0;
      if (isKept) made[name] = value(member, depth + 1);
    }
    if (isWrong() && choice.below(4) === 0)
      made[pick(['unknown', '__proto__', 'constructor', '', 'a\u0000b'])] = pick(WRONG);
    return made;
  };
  /** Lists in lists of long texts would come to more than a string can hold: no request has more items than this in all. */
  let itemsLeft = 1_000;
  const array = ({ items, minItems = 0, ...rest }: ApiSchema, depth: number): unknown => {
    const { maxItems = 4 } = rest as { maxItems?: number };
    const length = isWrong()
      ? pick([0, maxItems + 1, 200])
      : pick([minItems, Math.min(minItems + 1, maxItems), Math.min(maxItems, 4)]);
    const count = Math.min(length, itemsLeft);
    itemsLeft -= count;
    return Array.from({ length: count }, () => (items === undefined ? pick(WRONG) : value(items, depth + 1)));
  };
  const number = (schema: ApiSchema): number => {
    if (isWrong()) return pick(NUMBERS);
    const { minimum = 0, maximum = 1_000 } = schema as { minimum?: number; maximum?: number };
    return pick([minimum, maximum, minimum + choice.below(maximum - minimum + 1)]);
  };
  const inAddress = (schema: ApiSchema): string => {
    const made = value(schema, 0);
    return encoded(typeof made === 'string' ? made : JSON.stringify(made));
  };

  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = operation.parameters.find((each) => each.in === 'path' && each.name === name);
    return inAddress(parameter?.schema ?? {}).slice(0, 4_000) || 'x';
  });
  const query = operation.parameters
    .filter((each) => each.in === 'query' && !SLOW.includes(each.name))
    .filter(({ required }) => required === true || choice.below(3) === 0)
    .map(({ name, schema }) => `${name}=${inAddress(schema).slice(0, 6_000)}`);
  if (isWrong() && choice.below(4) === 0) query.push('unknown=%00');
  const content = Object.entries(operation.body ?? {});
  const [contentType, media] = content[choice.below(content.length)] ?? [];
  const isJson = contentType?.includes('json') === true;
  const made = media?.schema === undefined ? undefined : value(media.schema, 0);
  const body = contentType === undefined ? undefined : isJson ? JSON.stringify(made) : String(pick(TEXTS));
  return {
    method: operation.method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    contentType:
      contentType === undefined ? undefined : isWrong() && choice.below(4) === 0 ? pick(CONTENT_TYPES) : contentType,
    body: body !== undefined && isWrong() && choice.below(5) === 0 ? body.slice(0, -1) : body,
  };
}

const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';

/** Lone surrogates have no encoding; sent as bytes that are no UTF-8. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ED%A0%80';
  }
}
