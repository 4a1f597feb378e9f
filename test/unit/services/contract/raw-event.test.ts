import { parseRawEvent, retentionOfRaw } from '@dipper/contract/raw-event';
import { describe, expect, it } from 'vitest';
import { gateState } from '../../../support/sample-events.ts';

const from = { estate: 'lanting', agent: 'lanting-edge-1' };
const raw = (over: object): unknown => ({ ...gateState(), type: 'lift.stuck', data: { floor: 3 }, ...over });
const codeOf = (event: unknown): unknown => {
  try {
    parseRawEvent(event, from);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('an event of an unknown type', () => {
  it('is read when its envelope is right and its data are small', () => {
    expect(codeOf(raw({}))).toBeUndefined();
    expect(codeOf(raw({ data: { text: 'x'.repeat(512), list: Array(64).fill(0.5) } }))).toBeUndefined();
  });

  it.each([
    ['a string of a picture', { picture: 'x'.repeat(513) }],
    ['the numbers of a template', { embedding: Array(128).fill(0.25) }],
    ['the numbers of a template under names', Object.fromEntries(Array.from({ length: 128 }, (_, key) => [key, key]))],
    ['data that are a list', Array(3).fill('x')],
  ])('is refused with %s', (_what, data) => {
    expect(codeOf(raw({ data }))).toBe('EVENT_TYPE_UNKNOWN');
  });

  it('is refused when it is too large, comes from somebody else or has no envelope', () => {
    const wide = Object.fromEntries(Array.from({ length: 20 }, (_, key) => [`k${key}`, 'x'.repeat(500)]));
    expect(codeOf(raw({ data: wide }))).toBe('MESSAGE_TOO_LARGE');
    expect(codeOf(raw({ source: '/lanting/other' }))).toBe('EVENT_MISDIRECTED');
    expect(codeOf(raw({ type: 'No such, type' }))).toBe('EVENT_INVALID');
    expect(codeOf(raw({ sequence: 0 }))).toBe('EVENT_INVALID');
  });

  it('is kept in the strictest class of its noun, and as a face when nobody knows the noun', () => {
    const types = ['face.recognised', 'gate.locked', 'access.revoked', 'motion.fast', 'camera.wiped', 'lift.stuck'];
    expect(types.map(retentionOfRaw)).toEqual(['face', 'passage', 'passage', 'scene', 'device', 'face']);
  });
});
