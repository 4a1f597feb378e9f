import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MAX_BATCH_BYTES, MAX_BATCH_EVENTS, parseEvent } from '@dipper/contract/event-validation';
import type { DipperEvent, DipperEventOf } from '@dipper/contract/events';
import { RECEIPTED_KEPT_MS } from '@dipper/edge/link/outbox';
import type { Batch } from '@dipper/edge/link/outbox-queue';
import { describe, expect, test } from 'vitest';
import { gateDraft, grantedDraft, motionDraft, wideDraft } from '../../../support/drafts.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { ORIGIN, openTestOutbox, temporaryFolder } from '../../../support/open-outbox.ts';

const LIMITS = { maxEvents: MAX_BATCH_EVENTS, maxBytes: MAX_BATCH_BYTES };
const eventsOf = (batch: Batch | undefined): DipperEvent[] =>
  (batch?.events ?? []).map(({ json }) => parseEvent(JSON.parse(json), ORIGIN));

describe('appending', () => {
  test('gives each event of an epoch the next sequence, without gaps, in the order of appending', () => {
    const outbox = openTestOutbox({ clock: createManualClock() });
    const ids = Array.from({ length: 500 }, () => outbox.append(gateDraft()).id);
    const sent = [1, 2, 3].flatMap(() => eventsOf(outbox.takeBatch(LIMITS)));
    expect(sent.map(({ id }) => id)).toEqual(ids);
    expect(sent.map(({ sequence }) => sequence)).toEqual(ids.map((_, index) => index + 1));
    expect(new Set(sent.map(({ epoch }) => epoch))).toEqual(new Set([outbox.epoch]));
    expect(outbox.takeBatch(LIMITS)).toBeUndefined();
  });

  test('the same id twice is one event, also when it has been sent or receipted', () => {
    const outbox = openTestOutbox({ clock: createManualClock() });
    const id = randomUUID();
    expect(outbox.append(gateDraft(), { id }).isNew).toBe(true);
    expect(outbox.append(gateDraft(), { id }).isNew).toBe(false);
    outbox.takeBatch(LIMITS);
    expect(outbox.append(gateDraft(), { id }).isNew).toBe(false);
    outbox.applyReceipt(outbox.epoch, [[1, 1]]);
    expect(outbox.append(gateDraft(), { id }).isNew).toBe(false);
    expect(outbox.figures()).toMatchObject({ waiting: 0, receipted: 1 });
  });

  test('an event the hub would have to refuse is refused here, and the next one is not', () => {
    const outbox = openTestOutbox({ clock: createManualClock() });
    const bad = { ...gateDraft(), data: { position: 'ajar', relay: 'active', contact: 'open' } };
    expect(() => outbox.append(bad as never)).toThrow(expect.objectContaining({ code: 'EVENT_INVALID' }));
    outbox.append(gateDraft());
    expect(eventsOf(outbox.takeBatch(LIMITS)).map(({ sequence }) => sequence)).toEqual([1]);
  });

  test('a batch stays below the bytes of the contract', () => {
    const outbox = openTestOutbox({ clock: createManualClock() });
    for (let i = 0; i < 150; i += 1) outbox.append(wideDraft());
    const batch = outbox.takeBatch(LIMITS);
    expect(batch?.events.length).toBeLessThan(150);
    expect(`[${batch?.events.map(({ json }) => json).join(',')}]`.length).toBeLessThanOrEqual(MAX_BATCH_BYTES);
  });
});

describe('epochs', () => {
  test('a boot and an outage begin one; what was written keeps its own; live goes before backlog', () => {
    const clock = createManualClock();
    const path = join(temporaryFolder(), 'outbox.sqlite');
    const first = openTestOutbox({ clock, path });
    const boot = first.epoch;
    first.append(gateDraft());
    first.close();

    const second = openTestOutbox({ clock, path });
    expect(second.epoch).not.toBe(boot);
    second.append(gateDraft());
    const beforeOutage = second.epoch;
    expect(second.beginEpoch()).toBe(second.epoch);
    second.append(gateDraft());
    const order = [1, 2, 3].map(() => eventsOf(second.takeBatch(LIMITS))[0]);
    expect(order.map((event) => event?.epoch)).toEqual([second.epoch, boot, beforeOutage]);
    expect(order.map((event) => event?.sequence)).toEqual([1, 1, 1]);
  });

  test('after a restart what was in flight is sent again under the same sequence', () => {
    const clock = createManualClock();
    const path = join(temporaryFolder(), 'outbox.sqlite');
    const first = openTestOutbox({ clock, path });
    for (let i = 0; i < 3; i += 1) first.append(gateDraft());
    const before = eventsOf(first.takeBatch(LIMITS));
    first.append(gateDraft());
    first.close();
    const second = openTestOutbox({ clock, path });
    const after = eventsOf(second.takeBatch(LIMITS));
    expect(after.slice(0, 3)).toEqual(before);
    expect(after[3]?.sequence).toBe(4);
  });
});

describe('receipts', () => {
  test('settle what was sent, keep it seven days for a hub restored from a backup, then forget it', () => {
    const clock = createManualClock();
    const outbox = openTestOutbox({ clock });
    for (let i = 0; i < 4; i += 1) outbox.append(gateDraft());
    outbox.takeBatch(LIMITS);
    expect(
      outbox.applyReceipt(outbox.epoch, [
        [1, 1],
        [3, 4],
      ]),
    ).toEqual({ accepted: true, settled: 3 });
    expect(outbox.figures()).toMatchObject({ waiting: 1, receipted: 3 });
    clock.advance(RECEIPTED_KEPT_MS - 1);
    outbox.prune();
    expect(outbox.refill(0)).toBe(3);
    expect(eventsOf(outbox.takeBatch(LIMITS)).map(({ sequence }) => sequence)).toEqual([1, 3, 4]);
    outbox.applyReceipt(outbox.epoch, [[1, 4]]);
    clock.advance(RECEIPTED_KEPT_MS + 1);
    outbox.prune();
    expect(outbox.figures()).toMatchObject({ waiting: 0, receipted: 0, bytes: 0 });
  });

  test('of a foreign epoch, or naming a sequence never sent, delete nothing', () => {
    const outbox = openTestOutbox({ clock: createManualClock() });
    for (let i = 0; i < 2; i += 1) outbox.append(gateDraft());
    outbox.takeBatch({ ...LIMITS, maxEvents: 1 });
    expect(outbox.applyReceipt(randomUUID(), [[1, 1]])).toEqual({ accepted: false, reason: 'epoch-unknown' });
    for (const range of [
      [2, 2],
      [1, 2],
      [1, 2_147_483_647],
    ] as const) {
      const outcome = outbox.applyReceipt(outbox.epoch, [[...range]]);
      expect(outcome).toEqual({ accepted: false, reason: 'sequence-never-sent' });
    }
    expect(outbox.figures()).toMatchObject({ waiting: 2, receipted: 0 });
  });

  test('of an epoch of an earlier boot settle what was sent, though the hub knows more than a disk rolled back', () => {
    const clock = createManualClock();
    const path = join(temporaryFolder(), 'outbox.sqlite');
    const first = openTestOutbox({ clock, path });
    const { epoch } = first;
    for (let i = 0; i < 2; i += 1) first.append(gateDraft());
    first.takeBatch({ ...LIMITS, maxEvents: 1 });
    first.close();
    const second = openTestOutbox({ clock, path });
    expect(second.applyReceipt(epoch, [[1, 60]])).toEqual({ accepted: true, settled: 1 });
    expect(second.figures().waiting).toBe(1);
  });
});

describe('the byte budget', () => {
  test('gives up motion first, leaving one tombstone per type, and sends the rest without a gap', () => {
    const clock = createManualClock();
    const outbox = openTestOutbox({ clock, budgetBytes: 40_000 });
    const startMs = clock.nowMs();
    for (let i = 0; i < 100; i += 1) {
      clock.advance(1_000);
      outbox.append(motionDraft(clock.nowMs()));
      if (i % 10 === 0) outbox.append(grantedDraft(clock.nowMs()));
    }
    const sent: DipperEvent[] = [];
    for (let batch = outbox.takeBatch(LIMITS); batch !== undefined; batch = outbox.takeBatch(LIMITS)) {
      sent.push(...eventsOf(batch));
    }
    const count = (type: string): number => sent.filter((event) => event.type === type).length;
    expect(count('access.granted')).toBe(10);
    const tombstones = sent.filter(
      (event): event is DipperEventOf<'outbox.tombstone'> => event.type === 'outbox.tombstone',
    );
    expect(tombstones).toHaveLength(1);
    const [tombstone] = tombstones;
    expect(tombstone?.data.type).toBe('motion.started');
    expect(tombstone?.data.count).toBeGreaterThan(10);
    expect(count('motion.started') + (tombstone?.data.count ?? 0)).toBe(100);
    expect(Date.parse(tombstone?.data.firstAt ?? '')).toBe(startMs + 1_000);
    expect(Date.parse(tombstone?.data.lastAt ?? '')).toBeLessThan(clock.nowMs());
    expect(sent.map(({ sequence }) => sequence)).toEqual(sent.map((_, index) => index + 1));
    expect(outbox.figures().givenUp).toEqual({ 'motion.started': tombstone?.data.count });
    expect(outbox.figures().bytes).toBeLessThanOrEqual(40_000);
  });

  test('forgets what the hub has signed for before it gives anything up', () => {
    const outbox = openTestOutbox({ clock: createManualClock(), budgetBytes: 40_000 });
    for (let i = 0; i < 50; i += 1) outbox.append(motionDraft());
    outbox.takeBatch(LIMITS);
    outbox.applyReceipt(outbox.epoch, [[1, 50]]);
    for (let i = 0; i < 50; i += 1) outbox.append(motionDraft());
    expect(outbox.figures()).toMatchObject({ waiting: 50, givenUp: {} });
    expect(outbox.figures().receipted).toBeLessThan(50);
  });

  test('gives up device samples next and access records last, oldest first', () => {
    const clock = createManualClock();
    const outbox = openTestOutbox({ clock, budgetBytes: 30_000 });
    for (let i = 0; i < 20; i += 1) outbox.append(gateDraft());
    for (let i = 0; i < 100; i += 1) outbox.append(grantedDraft());
    const { givenUp } = outbox.figures();
    expect(givenUp['gate.state']).toBe(20);
    expect(givenUp['access.granted']).toBeGreaterThan(10);
    expect(outbox.figures().bytes).toBeLessThanOrEqual(30_000);
  });

  test('never gives up what was sent: then there is no room, and it says so', () => {
    const outbox = openTestOutbox({ clock: createManualClock(), budgetBytes: 30_000 });
    for (let i = 0; i < 50; i += 1) outbox.append(gateDraft());
    while (outbox.takeBatch(LIMITS) !== undefined);
    const before = outbox.figures();
    const fill = (): void => {
      for (let i = 0; i < 50; i += 1) {
        outbox.append(gateDraft());
        outbox.takeBatch(LIMITS);
      }
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'OUTBOX_FULL' }));
    expect(outbox.figures().waiting).toBeGreaterThanOrEqual(before.waiting);
    outbox.applyReceipt(outbox.epoch, [[1, before.waiting]]);
    expect(outbox.append(gateDraft()).isNew).toBe(true);
  });
});

describe('the file', () => {
  test('a damaged one is moved aside and a new one begun', () => {
    const clock = createManualClock();
    const path = join(temporaryFolder(), 'outbox.sqlite');
    const first = openTestOutbox({ clock, path });
    for (let i = 0; i < 200; i += 1) first.append(gateDraft());
    first.close();
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 4_096, bytes.length - 100);
    writeFileSync(path, bytes);

    const second = openTestOutbox({ clock, path });
    expect(second.movedCorruptTo).toMatch(/outbox\.sqlite\.corrupt-2026/);
    expect(existsSync(second.movedCorruptTo ?? '')).toBe(true);
    expect(second.append(gateDraft()).isNew).toBe(true);
    expect(second.figures().waiting).toBe(1);
  });

  test('something else entirely is moved aside as well', () => {
    const path = join(temporaryFolder(), 'outbox.sqlite');
    writeFileSync(path, 'this is no database, but it is longer than the header of one would be'.repeat(20));
    const outbox = openTestOutbox({ clock: createManualClock(), path });
    expect(outbox.movedCorruptTo).toBeDefined();
    expect(outbox.append(gateDraft()).isNew).toBe(true);
  });

  test('belongs to one agent at a time', () => {
    const clock = createManualClock();
    const path = join(temporaryFolder(), 'outbox.sqlite');
    openTestOutbox({ clock, path });
    expect(() => openTestOutbox({ clock, path })).toThrow(expect.objectContaining({ code: 'OUTBOX_IN_USE' }));
  });

  test('a full disk refuses the event, is shown, and is over when there is room again', () => {
    const clock = createManualClock();
    const path = join(temporaryFolder(), 'outbox.sqlite');
    const budgetBytes = 400_000;
    openTestOutbox({ clock, path, budgetBytes }).close();
    // SQLite answers a file at its limit as it answers a disk without space: SQLITE_FULL.
    const stranger = new DatabaseSync(path);
    stranger.exec('create table ballast (content blob); insert into ballast values (zeroblob(750000))');
    stranger.close();
    const outbox = openTestOutbox({ clock, path, budgetBytes });
    let accepted = 0;
    expect(() => {
      for (; accepted < 1_000; accepted += 1) outbox.append(gateDraft());
    }).toThrow(expect.objectContaining({ code: 'OUTBOX_FULL' }));
    expect(accepted).toBeGreaterThan(5);
    expect(outbox.figures()).toMatchObject({ waiting: accepted, isFull: true });

    const sent = eventsOf(outbox.takeBatch(LIMITS));
    expect(sent).toHaveLength(accepted);
    outbox.applyReceipt(outbox.epoch, [[1, accepted]]);
    expect(outbox.append(gateDraft()).isNew).toBe(true);
    expect(outbox.figures()).toMatchObject({ waiting: 1, isFull: false });
  });
});
