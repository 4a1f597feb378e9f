import { join } from 'node:path';
import type { DipperEvent } from '@dipper/contract/events';
import type { SequenceRange } from '@dipper/contract/receipts';
import { createHubTime } from '@dipper/edge/link/hub-time';
import { createSender, type Sender } from '@dipper/edge/link/sender';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { gateDraft, wideDraft } from '../../../support/drafts.ts';
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts';
import { openTestOutbox, temporaryFolder } from '../../../support/open-outbox.ts';

interface Desk {
  readonly clock: ManualClock;
  readonly outbox: ReturnType<typeof openTestOutbox>;
  readonly sender: Sender;
  /** Every publish, oldest first. */
  readonly sent: DipperEvent[][];
  sentBytes(): number;
  append(count: number, draft?: typeof gateDraft): void;
  /** The hub commits and signs for these. */
  receipt(events: readonly DipperEvent[]): void;
}

/** A sender between a real outbox and a broker that takes everything and tells nobody. */
function openDesk(): Desk {
  const clock = createManualClock();
  const outbox = openTestOutbox({ clock, hubTime: createHubTime(clock) });
  const sent: DipperEvent[][] = [];
  let bytes = 0;
  const sender = createSender({
    outbox,
    clock,
    log: pino({ enabled: false }),
    async publish(payload) {
      bytes += Buffer.byteLength(payload);
      sent.push(JSON.parse(payload) as DipperEvent[]);
    },
  });
  return {
    clock,
    outbox,
    sender,
    sent,
    sentBytes: () => bytes,
    append(count, draft = gateDraft) {
      for (let i = 0; i < count; i += 1) outbox.append(draft(clock.nowMs()));
      sender.wake();
    },
    receipt(events) {
      const byEpoch = Map.groupBy(events, ({ epoch }) => epoch);
      for (const [epoch, of] of byEpoch) {
        const ranges = of.map(({ sequence }): SequenceRange => [sequence, sequence]);
        outbox.applyReceipt(epoch, ranges);
        sender.receipted(epoch, ranges);
      }
    },
  };
}

const MINUTE_MS = 60_000;
/** Of `wideDraft`: the bytes of a batch are spent before its number of events is. */
const WIDE_PER_BATCH = 65;

describe('the window', () => {
  test('holds eight batches, the last place for a single event that asks whether the hub lives', () => {
    const desk = openDesk();
    desk.append(WIDE_PER_BATCH * 9, wideDraft);
    expect(desk.sent).toHaveLength(0);
    desk.sender.online();
    expect(desk.sent.map((batch) => batch.length)).toEqual(Array(7).fill(WIDE_PER_BATCH));
    desk.receipt(desk.sent[2] ?? []);
    expect(desk.sent).toHaveLength(8);
    desk.receipt((desk.sent[3] ?? []).slice(1));
    expect(desk.sent).toHaveLength(8);
    desk.clock.advance(60 * MINUTE_MS);
    expect(desk.sender.figures().inFlightBatches).toBe(8);
    expect(desk.sent.at(-1)).toHaveLength(1);
  });

  test('without a broker nothing is sent and nothing forgotten', () => {
    const desk = openDesk();
    desk.sender.online();
    desk.append(3);
    desk.sender.offline();
    desk.append(2);
    desk.clock.advance(10 * MINUTE_MS);
    expect(desk.sent.flat()).toHaveLength(3);
    desk.sender.online();
    desk.clock.advance(4_000);
    expect(new Set(desk.sent.flat().map(({ id }) => id)).size).toBe(5);
  });
});

describe('a hub that is away for ten minutes', () => {
  test.each([1, 150, 1_700])(
    'costs at most three times the bytes of %i events, and then everything arrives',
    (count) => {
      const desk = openDesk();
      desk.sender.online();
      desk.append(count);
      desk.clock.advance(10 * MINUTE_MS);
      const outboxBytes = unreceiptedBytes(desk);
      expect(desk.sentBytes()).toBeGreaterThan(0);
      expect(desk.sentBytes()).toBeLessThanOrEqual(3 * outboxBytes);
      expect(desk.outbox.figures()).toMatchObject({ waiting: count, quarantined: 0 });
      expect(deliverAll(desk)).toBe(count);
    },
  );

  test('costs no more when events keep coming', () => {
    const desk = openDesk();
    desk.sender.online();
    for (let minute = 0; minute < 10; minute += 1) {
      desk.append(7);
      desk.clock.advance(MINUTE_MS);
    }
    expect(desk.sentBytes()).toBeLessThanOrEqual(3 * unreceiptedBytes(desk));
    expect(deliverAll(desk)).toBe(70);
  });

  test('is noticed within a minute of its return, by one event that knocks', () => {
    const desk = openDesk();
    desk.sender.online();
    desk.append(300);
    desk.clock.advance(5 * MINUTE_MS);
    const before = desk.sent.length;
    desk.clock.advance(MINUTE_MS);
    const knocks = desk.sent.slice(before);
    expect(knocks.map((batch) => batch.length)).toEqual([1]);
    desk.receipt(knocks.flat());
    desk.clock.advance(3_000);
    expect(
      new Set(
        desk.sent
          .slice(before)
          .flat()
          .map(({ id }) => id),
      ).size,
    ).toBe(300);
  });

  test('begins a new epoch when it is back: what happens now is told before the backlog', () => {
    const desk = openDesk();
    desk.sender.online();
    desk.append(WIDE_PER_BATCH * 8, wideDraft);
    const { epoch } = desk.outbox;
    desk.clock.advance(2 * MINUTE_MS);
    desk.receipt(desk.sent[0] ?? []);
    expect(desk.outbox.epoch).not.toBe(epoch);
    desk.append(1);
    const before = desk.sent.length;
    desk.receipt(desk.sent[1] ?? []);
    expect(desk.sent[before]?.map((event) => event.epoch)).toEqual([desk.outbox.epoch]);
  });
});

describe('a batch that a living hub ignores', () => {
  test('is set aside after three sends, whole, while its siblings pass; and comes again in smaller batches', () => {
    const desk = openDesk();
    desk.sender.online();
    desk.append(1);
    // Nine more: the first goes alone, the next eight wait for one receipt.
    desk.append(20);
    const poison = desk.sent[1]?.map(({ id }) => id) ?? [];
    expect(poison.length).toBe(20);
    const isPoison = ({ id }: DipperEvent): boolean => poison.includes(id);
    let read = 0;
    for (let second = 0; second < 60 && desk.outbox.figures().quarantined === 0; second += 1) {
      desk.append(1);
      desk.clock.advance(1_000);
      desk.receipt(
        desk.sent
          .slice(read)
          .flat()
          .filter((event) => !isPoison(event)),
      );
      read = desk.sent.length;
    }
    expect(desk.sent.filter((batch) => batch.some(isPoison)).map((batch) => batch.length)).toEqual([20, 20, 20]);
    expect(desk.outbox.figures().quarantined).toBe(20);
    expect(desk.outbox.listQuarantined(100).map(({ id }) => id)).toEqual(poison);
    expect(desk.sender.figures().quarantinedEvents).toBe(20);

    desk.clock.advance(2 * 60 * MINUTE_MS);
    expect(desk.outbox.figures().quarantined).toBe(0);
    const again = desk.sent.slice(read).filter((batch) => batch.some(isPoison));
    expect(again.flat().map(({ id }) => id)).toEqual(expect.arrayContaining(poison));
    desk.receipt(again.flat());
    expect(desk.outbox.figures()).toMatchObject({ waiting: 0, quarantined: 0 });
  });

  test('does not stop the others, even when there are as many of them as the window has places', () => {
    const desk = openDesk();
    const count = WIDE_PER_BATCH * 7 + 10;
    desk.append(count, wideDraft);
    // The first of each batch, and the first that asks whether the hub lives.
    const isPoison = ({ sequence }: DipperEvent): boolean => sequence % WIDE_PER_BATCH === 1;
    desk.sender.online();
    let read = 0;
    for (let second = 0; second < 600 && desk.outbox.figures().waiting > 0; second += 1) {
      desk.receipt(
        desk.sent
          .slice(read)
          .flat()
          .filter((event) => !isPoison(event)),
      );
      read = desk.sent.length;
      desk.clock.advance(1_000);
    }
    // The last one may still be on its way: nothing sent after it has been signed for.
    expect(desk.outbox.figures()).toMatchObject({ receipted: count - 8, quarantined: 7, waiting: 1 });
  });

  test('is never set aside while the hub signs for nothing, however long', () => {
    const desk = openDesk();
    desk.sender.online();
    desk.append(500);
    desk.clock.advance(24 * 60 * MINUTE_MS);
    expect(desk.outbox.figures()).toMatchObject({ waiting: 500, quarantined: 0 });
    expect(deliverAll(desk)).toBe(500);
  });

  test('may still be receipted when it is already set aside', () => {
    const desk = openDesk();
    desk.sender.online();
    desk.append(3);
    const [batch] = desk.sent;
    desk.outbox.quarantine(desk.outbox.epoch, [1, 2, 3]);
    desk.receipt(batch ?? []);
    expect(desk.outbox.figures()).toMatchObject({ waiting: 0, quarantined: 0, receipted: 3 });
  });
});

test('a broker that comes back is given again what its predecessor may have forgotten', () => {
  const desk = openDesk();
  desk.sender.online();
  desk.append(5);
  desk.sender.offline();
  desk.sender.online();
  desk.clock.advance(4_000);
  expect(desk.sent.map((batch) => batch.length)).toEqual([5, 5]);
  desk.receipt(desk.sent[0] ?? []);
  desk.clock.advance(60 * MINUTE_MS);
  expect(desk.sent).toHaveLength(2);
});

/** What the outbox would send if it sent everything once. */
function unreceiptedBytes(desk: Desk): number {
  const once = new Map(desk.sent.flat().map((event) => [event.id, Buffer.byteLength(JSON.stringify(event))]));
  const averageBytes = [...once.values()].reduce((sum, bytes) => sum + bytes, 0) / once.size;
  return Math.ceil(averageBytes * desk.outbox.figures().waiting) + '[]'.length;
}

/** The hub is back and signs for all it gets, also for what was sent before; returns how many it has seen. */
function deliverAll(desk: Desk): number {
  const seen = new Map<string, DipperEvent>();
  let read = 0;
  for (let round = 0; round < 1_000 && desk.outbox.figures().waiting > 0; round += 1) {
    const fresh = desk.sent.slice(read).flat();
    read = desk.sent.length;
    for (const event of fresh) seen.set(event.id, event);
    if (fresh.length > 0) desk.receipt(fresh);
    else desk.clock.advance(10_000);
  }
  return seen.size;
}

test('the time of sending is beyond doubt only for what no process sent before', () => {
  const clock = createManualClock();
  const path = join(temporaryFolder(), 'outbox.sqlite');
  const open = () => {
    const outbox = openTestOutbox({ clock, path });
    const sender = createSender({ outbox, clock, log: pino({ enabled: false }), publish: async () => undefined });
    sender.online();
    return { outbox, sender };
  };
  const killed = open();
  const { epoch } = killed.outbox;
  killed.outbox.append(gateDraft(clock.nowMs()));
  killed.sender.wake();
  killed.sender.close();
  killed.outbox.close();
  clock.advance(5_000);
  const next = open();
  // The hub may have signed for what the killed process sent: that says nothing about when this one did.
  expect(next.sender.figures().sentBatches).toBe(1);
  expect(next.sender.receipted(epoch, [[1, 1]])).toBeUndefined();
  next.outbox.append(gateDraft(clock.nowMs()));
  const sentAtMs = clock.monotonicMs();
  next.sender.wake();
  clock.advance(40);
  expect(next.sender.receipted(next.outbox.epoch, [[1, 1]])).toBe(sentAtMs);
});
