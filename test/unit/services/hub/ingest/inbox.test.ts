import { createInbox, MAX_BATCH_BYTES_HELD, MAX_STATE_BYTES_HELD } from '@dipper/hub/ingest/inbox';
import { describe, expect, it } from 'vitest';

const message = (topic: string, bytes = 10) => ({
  topic,
  payload: new Uint8Array(bytes),
  retained: false,
  receivedAt: new Date(),
});

const upTo = (bytes: number) => ({ liveBytes: bytes, backlogBytes: bytes });

describe('the inbox', () => {
  it('holds batches in order up to a size, and says when there is no room', () => {
    const inbox = createInbox();
    expect([0, 1, 2].map((index) => inbox.addBatch(message(`t${index}`)))).toEqual([true, true, true]);
    expect(inbox.takeBatches(upTo(25)).map(({ topic }) => topic)).toEqual(['t0', 't1']);
    expect(inbox.addBatch(message('big', MAX_BATCH_BYTES_HELD))).toBe(false);
    expect(inbox.addBatch(message('small'))).toBe(true);
    expect(inbox.takeBatches(upTo(1)).map(({ topic }) => topic)).toEqual(['t2']);
    expect(inbox.takeBatches(upTo(1)).map(({ topic }) => topic)).toEqual(['small']);
    expect(inbox.addBatch(message('big', MAX_BATCH_BYTES_HELD))).toBe(true);
  });

  it('gives out live batches before a backlog, in turns, and never both in one go', () => {
    const inbox = createInbox();
    for (const topic of ['old 1', 'old 2', 'old 3']) inbox.addBatch(message(topic), true);
    for (const topic of ['new 1', 'new 2']) inbox.addBatch(message(topic));
    const take = (): string[] => inbox.takeBatches(upTo(20)).map(({ topic }) => topic);
    expect(take()).toEqual(['new 1', 'new 2']);
    inbox.addBatch(message('new 3'));
    expect([take(), take(), take(), take()]).toEqual([['old 1', 'old 2'], ['new 3'], ['old 3'], []]);
    expect(inbox.batches).toBe(0);
  });

  it('gives out less of a backlog at once than of what is live, when asked so', () => {
    const inbox = createInbox();
    for (const topic of ['old 1', 'old 2', 'old 3']) inbox.addBatch(message(topic), true);
    for (const topic of ['new 1', 'new 2']) inbox.addBatch(message(topic));
    const take = (): string[] => inbox.takeBatches({ liveBytes: 20, backlogBytes: 10 }).map(({ topic }) => topic);
    expect([take(), take(), take()]).toEqual([['new 1', 'new 2'], ['old 1'], ['old 2']]);
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
