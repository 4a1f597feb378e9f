import { isWithin, MAX_SPAN_EVENTS, spanFromName, spanName, spansOf } from '@dipper/hub/domains/event/event-span';
import { expect, it } from 'vitest';

const EPOCH = '0a0a0a0a-0000-4000-8000-000000000000';
const event = (sequence: number, atMs = sequence * 1_000) => ({ sequence, occurredAt: new Date(atMs) });

it('cuts events into runs without gaps, each with the instants between which its events lie', () => {
  expect(spansOf('edge', EPOCH, [event(3), event(1, 9_000), event(2), event(7)])).toEqual([
    { agent: 'edge', epoch: EPOCH, first: 1, last: 3, oldestMs: 2_000, newestMs: 9_000 },
    { agent: 'edge', epoch: EPOCH, first: 7, last: 7, oldestMs: 7_000, newestMs: 7_000 },
  ]);
});

it('names no more events than a reader can take at once', () => {
  const events = Array.from({ length: MAX_SPAN_EVENTS * 2 + 1 }, (_, index) => event(index + 1));
  const spans = spansOf('edge', EPOCH, events);
  expect(spans.map(({ first, last }) => last - first + 1)).toEqual([MAX_SPAN_EVENTS, MAX_SPAN_EVENTS, 1]);
});

it('reads the names that it writes, and nothing else', () => {
  const [span] = spansOf('edge', EPOCH, [event(1, -5), event(2)]);
  if (span === undefined) throw new Error('no span');
  expect(spanFromName(spanName(span))).toEqual(span);
  expect(['', EPOCH, `edge/${EPOCH}/1-2`, `edge/${EPOCH}/1-2/x_y`].map(spanFromName)).toEqual(Array(4).fill(undefined));
  expect(isWithin(span, { agent: 'edge', epoch: EPOCH, sequence: 2 })).toBe(true);
  expect(isWithin(span, { agent: 'edge', epoch: EPOCH, sequence: 3 })).toBe(false);
  expect(isWithin(span, { agent: 'other', epoch: EPOCH, sequence: 2 })).toBe(false);
});
