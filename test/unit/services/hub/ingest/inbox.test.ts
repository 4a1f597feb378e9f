import { createInbox, MAX_BATCHES, MAX_STATE_BYTES_HELD } from '@dipper/hub/ingest/inbox';
import { describe, expect, it } from 'vitest';

const message = (topic: string, bytes = 10) => ({
  topic,
  payload: new Uint8Array(bytes),
  retained: false,
  receivedAt: new Date(),
});

describe('the inbox', () => {
  it('holds batches in order up to a number and up to a size, and says when there is no room', () => {
    const inbox = createInbox();
    const taken = Array.from({ length: MAX_BATCHES + 1 }, (_, index) => inbox.addBatch(message(`t${index}`)));
    expect(taken.filter(Boolean)).toHaveLength(MAX_BATCHES);
    expect(inbox.takeBatches(25).map(({ topic }) => topic)).toEqual(['t0', 't1']);
    expect(inbox.takeBatches(1).map(({ topic }) => topic)).toEqual(['t2']);
    expect(inbox.addBatch(message('big', 40 * 1024 * 1024))).toBe(false);
    expect(inbox.addBatch(message('small'))).toBe(true);
  });

  it('holds only the latest state of a topic', () => {
    const inbox = createInbox();
    inbox.addState(message('a', 1));
    inbox.addState(message('b', 2));
    inbox.addState(message('a', 3));
    expect(inbox.takeStates().map(({ topic, payload }) => [topic, payload.byteLength])).toEqual([
      ['b', 2],
      ['a', 3],
    ]);
  });

  it('holds states up to a size, counting each topic once', () => {
    const inbox = createInbox();
    const half = MAX_STATE_BYTES_HELD / 2;
    expect([inbox.addState(message('a', half)), inbox.addState(message('b', half))]).toEqual([true, true]);
    expect([inbox.addState(message('c', 1)), inbox.addState(message('a', half + 1))]).toEqual([false, false]);
    expect(inbox.addState(message('a', half - 1))).toBe(true);
    expect(inbox.addState(message('c', 1))).toBe(true);
    expect(inbox.takeStates().map(({ topic }) => topic)).toEqual(['b', 'a', 'c']);
    expect(inbox.addState(message('d', MAX_STATE_BYTES_HELD))).toBe(true);
  });

  it('wakes whoever waits', async () => {
    const inbox = createInbox();
    const filled = inbox.whenFilled(new AbortController().signal);
    inbox.addState(message('a'));
    await filled;
    const stop = new AbortController();
    inbox.takeStates();
    const waiting = inbox.whenFilled(stop.signal);
    stop.abort();
    await waiting;
  });
});
