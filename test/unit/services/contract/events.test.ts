import { randomBytes, randomUUID } from 'node:crypto';
import { findPosition, parseEvent } from '@dipper/contract/event-validation';
import { EVENT_TYPES, EVENTS } from '@dipper/contract/events';
import { describe, expect, it } from 'vitest';
import { faceCaptured, gateState } from '../../../support/sample-events.ts';

const from = { estate: 'lanting', agent: 'lanting-edge-1' };
const refused = (code: string) => expect.objectContaining({ code });

describe('an event', () => {
  it('is taken as it was sent', () => {
    const event = faceCaptured();
    expect(parseEvent(structuredClone(event), from)).toEqual(event);
  });

  it.each([
    ['no object', 5, 'EVENT_INVALID'],
    ['no type', {}, 'EVENT_INVALID'],
    ['an unknown type', { type: 'face.recognised' }, 'EVENT_TYPE_UNKNOWN'],
    ['a type from the prototype', { type: 'constructor' }, 'EVENT_TYPE_UNKNOWN'],
    ['a sequence of zero', gateState({ sequence: 0 }), 'EVENT_INVALID'],
    ['a sequence past 32 bits', gateState({ sequence: 2 ** 31 }), 'EVENT_INVALID'],
    ['a date that does not exist', gateState({ time: '2026-13-41T10:00:00.000Z' }), 'EVENT_INVALID'],
    ['another agent’s name', gateState({ source: '/lanting/lanting-edge-2' }), 'EVENT_MISDIRECTED'],
  ])('with %s is refused', (_name, value, code) => {
    expect(() => parseEvent(value, from)).toThrow(refused(code));
  });

  it('has no room for a picture or a template', () => {
    const picture = randomBytes(600).toString('base64');
    const face = faceCaptured();
    const smuggled = [
      { ...face, data: { ...face.data, picture } },
      { ...face, data: { ...face.data, media: { ...face.data.media, data: picture } } },
      { ...face, data_base64: picture },
      { ...face, data: { ...face.data, quality: { ...face.data.quality, embedding: [0.1, 0.2] } } },
    ];
    for (const event of smuggled) expect(() => parseEvent(event, from)).toThrow(refused('EVENT_INVALID'));
  });

  it('has a retention class for every type', () => {
    expect(EVENT_TYPES.length).toBeGreaterThan(20);
    expect(EVENTS['face.captured'].retention).toBe('face');
    expect(EVENTS['access.granted'].retention).toBe('passage');
  });
});

describe('the position of a bad event', () => {
  it('is found when it can be read, so that its dead letter can be receipted', () => {
    const epoch = randomUUID();
    expect(findPosition({ epoch, sequence: 7, type: 'nonsense' })).toEqual({ epoch, sequence: 7 });
  });

  it.each([null, 'x', { epoch: 'x', sequence: 1 }, { epoch: randomUUID(), sequence: -1 }, { sequence: 1 }])(
    'is not guessed from %j',
    (value) => {
      expect(findPosition(value)).toBeUndefined();
    },
  );
});
