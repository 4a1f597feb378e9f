import {
  filterOf,
  MAX_PAYLOAD_BYTES,
  parsePayload,
  parseTopic,
  TOPICS,
  type TopicKind,
  topicOf,
} from '@dipper/contract/topics';
import { describe, expect, it } from 'vitest';

const kinds = Object.keys(TOPICS) as TopicKind[];
const address = { estate: 'lanting', agent: 'lanting-edge-1', device: 'gate-1' };
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('topics', () => {
  it.each(kinds)('%s: what is written can be read', (kind) => {
    const parsed = parseTopic(topicOf(kind, address));
    expect(parsed).toMatchObject({ kind, estate: 'lanting', agent: 'lanting-edge-1' });
    expect(parsed.device).toBe(TOPICS[kind].perDevice ? 'gate-1' : undefined);
  });

  it.each(kinds)('%s: the hub’s filter matches it level by level', (kind) => {
    const filter = filterOf(kind).split('/');
    const topic = topicOf(kind, address).split('/');
    expect(filter).toHaveLength(topic.length);
    expect(filter.every((level, index) => level === '+' || level === topic[index])).toBe(true);
  });

  it.each([
    'dipper/v1/lanting/edge/unknown',
    'dipper/v2/lanting/edge/events',
    'dipper/v1/lanting/edge/events/extra',
    'dipper/v1/lanting/edge/devices',
    'dipper/v1/lanting/edge/devices/a/b',
    'dipper/v1/Lanting/edge/events',
    'dipper/v1//edge/events',
    'dipper/v1/lanting/edge/toString',
    '',
  ])('refuses %j', (topic) => {
    expect(() => parseTopic(topic)).toThrow(expect.objectContaining({ code: 'TOPIC_UNKNOWN' }));
  });

  it('never retains a command', () => {
    expect(TOPICS.commands.retained).toBe(false);
  });
});

describe('payloads', () => {
  it('refuses what is too large before it is parsed', () => {
    expect(() => parsePayload('events', new Uint8Array(MAX_PAYLOAD_BYTES + 1))).toThrow(
      expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }),
    );
  });

  it.each([
    ['cut short', new TextEncoder().encode('[{"a":')],
    ['not UTF-8', Uint8Array.of(0x22, 0xff, 0xfe, 0x22)],
    ['empty', new Uint8Array()],
  ])('refuses %s', (_name, payload) => {
    expect(() => parsePayload('events', payload)).toThrow(expect.objectContaining({ code: 'MESSAGE_NOT_JSON' }));
  });

  it('refuses an unknown property and names it', () => {
    const message = {
      command: '00000000-0000-4000-8000-000000000000',
      ok: true,
      at: '2026-11-24T10:00:00.000Z',
      picture: 'x',
    };
    expect(() => parsePayload('results', json(message))).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
    const { picture: _, ...rest } = message;
    expect(parsePayload('results', json(rest))).toEqual(rest);
  });

  it('lets a batch through whose elements are nonsense: they are judged one by one', () => {
    expect(parsePayload('events', json([1, null, { type: 'x' }]))).toHaveLength(3);
    expect(() => parsePayload('events', json([]))).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
  });
});
