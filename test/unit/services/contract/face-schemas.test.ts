import { CommandAction } from '@dipper/contract/commands';
import { FACE_EVENTS } from '@dipper/contract/events/face';
import type { TSchema } from 'typebox';
import { expect, test } from 'vitest';

/** A template has 512 numbers; the shortest text of one, a byte each in Base64, has 684 characters. */
const LONGEST_TEXT = 64;

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly maxLength?: number;
}

/** Places in a schema that could hold a template or a picture: lists, open objects, texts without an end. */
function roomIn(schema: TSchema, path: string): string[] {
  const { type, anyOf, properties, additionalProperties, pattern, format, maxLength, ...rest } = schema as Schema;
  if (rest.const !== undefined || rest.enum !== undefined) return [];
  if (anyOf !== undefined) return anyOf.flatMap((part, index) => roomIn(part as TSchema, `${path}|${index}`));
  if (type === 'object') {
    const inside = Object.entries(properties ?? {}).flatMap(([key, part]) => roomIn(part as TSchema, `${path}.${key}`));
    return additionalProperties === false ? inside : [path, ...inside];
  }
  if (type === 'number' || type === 'integer' || type === 'boolean') return [];
  if (type !== 'string') return [path];
  const isShort = maxLength !== undefined && maxLength <= LONGEST_TEXT;
  const isBounded = pattern !== undefined && /^\^.*\$$/.test(pattern) && !/(?<!\\)[*+]|,\}/.test(pattern);
  return isShort || isBounded || format === 'uuid' || format === 'date-time' ? [] : [path];
}

test.each(Object.entries(FACE_EVENTS))('%s has no room for a template or a picture', (type, { data }) => {
  expect(roomIn(data, type)).toEqual([]);
});

test('commands about faces have none either', () => {
  const about = (CommandAction.anyOf as readonly Schema[]).filter(({ properties }) =>
    String(properties?.['name']?.const).startsWith('face.'),
  );
  expect(about).toHaveLength(2);
  for (const command of about) expect(roomIn(command as TSchema, 'command')).toEqual([]);
});

test('a list, an open object and a text without an end are room', () => {
  const strict = { type: 'object', additionalProperties: false };
  const found = (properties: Record<string, Schema>) => roomIn({ ...strict, properties } as TSchema, 'it');
  expect(found({ vector: { type: 'array' } })).toEqual(['it.vector']);
  expect(found({ note: { type: 'string' } })).toEqual(['it.note']);
  expect(found({ hex: { type: 'string', pattern: '^[0-9a-f]+$' } })).toEqual(['it.hex']);
  expect(found({ more: { type: 'object', properties: {} } })).toEqual(['it.more']);
});
