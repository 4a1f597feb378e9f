import { randomUUID } from 'node:crypto';
import type { EventDraft } from '@dipper/contract/events';
import type { SequenceRange } from '@dipper/contract/receipts';
import type { Clock } from './clock.ts';
import { LinkError } from './errors.ts';
import { bodyOf, giveUpClassOf, type Origin } from './event-body.ts';
import type { HubTime } from './hub-time.ts';
import { createOutboxBudget } from './outbox-budget.ts';
import { isCorrupt, isFull, openOutboxFile } from './outbox-file.ts';
import { type Batch, type BatchLimits, createOutboxQueue, type QuarantinedEvent } from './outbox-queue.ts';
import { createOutboxReceipts, type ReceiptOutcome } from './outbox-receipts.ts';

export interface OutboxOptions {
  readonly path: string;
  readonly origin: Origin;
  /** What events may occupy on disk, receipted ones included. */
  readonly budgetBytes: number;
  readonly clock: Clock;
  readonly hubTime: HubTime;
}

export interface AppendedEvent {
  readonly id: string;
  readonly epoch: string;
  /** False when the outbox has, or had within the last seven days, an event of this id; then nothing was written. */
  readonly isNew: boolean;
}

export interface OutboxFigures {
  /** Events no receipt has named yet, in flight included, quarantined not. */
  readonly waiting: number;
  readonly quarantined: number;
  /** Bytes of both. */
  readonly bytes: number;
  readonly budgetBytes: number;
  /** Receipted events still kept for a hub that was restored from a backup. */
  readonly receipted: number;
  /** Events given up since this outbox was begun, by type. */
  readonly givenUp: Readonly<Record<string, number>>;
  /** The last attempt to write found no room. */
  readonly isFull: boolean;
}

/**
 * What the edge has to say, on disk until the hub has signed for it. Every method is synchronous and has reached the
 * disk when it returns; a write takes what the disk takes to flush, some milliseconds on flash.
 */
export interface Outbox {
  /** Id of the epoch that new events are given. */
  readonly epoch: string;
  /** Where an unreadable predecessor was moved at opening. */
  readonly movedCorruptTo: string | undefined;
  /**
   * Accepts an event. Appending the same id twice writes it once.
   * @throws LinkError OUTBOX_FULL when there is no room even after giving up what may be given up; the event is not
   *   accepted, later ones may be. DipperError EVENT_INVALID, MESSAGE_TOO_LARGE for an event the hub would refuse.
   */
  append(draft: EventDraft, options?: { readonly id?: string }): AppendedEvent;
  /** Begins an epoch: from now on events are given its id, earlier ones keep theirs and become the backlog. */
  beginEpoch(): string;
  /** The next events to send, live epoch first; they are marked as sent before they are returned. */
  takeBatch(limits: BatchLimits): Batch | undefined;
  /** Sets aside those of these events that are still without receipt; returns how many they were. */
  quarantine(epoch: string, sequences: readonly number[]): number;
  /** Takes these back from in flight; the others of their epoch go first. */
  defer(epoch: string, sequences: readonly number[]): void;
  /** Puts quarantined events back among the waiting; each time they travel in batches a quarter the size. */
  releaseQuarantined(settledBeforeMs: number): number;
  listQuarantined(limit: number): QuarantinedEvent[];
  /** Removes from the unsent set what the hub has signed for. */
  applyReceipt(epoch: string, ranges: readonly SequenceRange[]): ReceiptOutcome;
  /** Sends receipted events again, for a hub restored from a backup; returns how many. */
  refill(receiptedSinceMs: number): number;
  /** The same with those of these sequences of an epoch; returns which they were. */
  resend(epoch: string, ranges: readonly SequenceRange[]): number[];
  /** Forgets events receipted more than seven days ago. */
  prune(): void;
  figures(): OutboxFigures;
  close(): void;
}

/** A hub restored from a backup of the last days finds the rest here. */
export const RECEIPTED_KEPT_MS = 7 * 24 * 3_600_000;

/**
 * Opens the outbox and begins an epoch: a boot is one, so that a disk rolled back cannot use a sequence twice.
 * @throws LinkError OUTBOX_IN_USE
 */
export function openOutbox(options: OutboxOptions): Outbox {
  const { clock, hubTime, origin } = options;
  const { database, movedCorruptTo } = openOutboxFile(options.path, options.budgetBytes, clock.nowMs());
  let isWithoutRoom = false;

  /** Runs in one transaction; an error leaves everything as it was. */
  function write<T>(work: () => T): T {
    try {
      database.exec('begin immediate');
      const result = work();
      database.exec('commit');
      isWithoutRoom = false;
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('rollback');
      if (isFull(error)) {
        isWithoutRoom = true;
        throw new LinkError('OUTBOX_FULL', `There is no room to write ${options.path}. Free some disk space.`, {
          cause: error,
        });
      }
      if (isCorrupt(error)) {
        throw new LinkError('OUTBOX_CORRUPT', `${options.path} is damaged. Restart the agent: it begins a new one.`, {
          cause: error,
        });
      }
      throw error;
    }
  }

  const insertEpoch = database.prepare('insert into epoch (id, begun_at_ms) values (?, ?)');
  const removeIdleEpochs = database.prepare(
    'delete from epoch where number <> ? and not exists (select 1 from event where event.epoch = epoch.number)',
  );
  const findEvent = database.prepare(
    'select epoch.id as epoch from event join epoch on epoch.number = event.epoch where event.id = ?',
  );
  const insertEvent = database.prepare(
    'insert into event (id, epoch, type, give_up_class, time_ms, body, bytes) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const rewriteEvent = database.prepare('update event set body = ?, time_ms = ?, bytes = ? where position = ?');

  let liveEpoch = { id: '', number: 0 };
  const beginEpoch = (): string => {
    liveEpoch = write(() => {
      const id = randomUUID();
      const number = Number(insertEpoch.run(id, clock.nowMs()).lastInsertRowid);
      removeIdleEpochs.run(number);
      return { id, number };
    });
    return liveEpoch.id;
  };
  const insert = (draft: EventDraft, id: string): void => {
    const { body, timeMs } = bodyOf(draft, id, origin, hubTime);
    insertEvent.run(id, liveEpoch.number, draft.type, giveUpClassOf(draft.type), timeMs, body, sizeOf(body));
  };

  const budget = createOutboxBudget(database, {
    budgetBytes: options.budgetBytes,
    nowMs: clock.nowMs,
    insert: (draft) => insert(draft, randomUUID()),
    rewrite(position, id, draft) {
      const { body, timeMs } = bodyOf(draft, id, origin, hubTime);
      rewriteEvent.run(body, timeMs, sizeOf(body), position);
    },
  });
  beginEpoch();
  const firstOwnEpoch = liveEpoch.number;
  const queue = createOutboxQueue(database, () => liveEpoch.number);
  const receipts = createOutboxReceipts(database, firstOwnEpoch);
  write(() => queue.restart());

  const accept = (draft: EventDraft, id: string): void =>
    write(() => {
      insert(draft, id);
      if (!budget.settle()) {
        throw new LinkError('OUTBOX_FULL', 'The outbox holds nothing that may be given up. See what is quarantined.');
      }
    });

  return {
    get epoch() {
      return liveEpoch.id;
    },
    movedCorruptTo,
    append(draft, { id = randomUUID() } = {}) {
      const known = findEvent.get(id) as { epoch: string } | undefined;
      if (known !== undefined) return { id, epoch: known.epoch, isNew: false };
      try {
        accept(draft, id);
      } catch (error) {
        if (!isFull(causeOf(error))) throw error;
        // The disk is full although the budget is not spent: what the hub has signed for is the first to go.
        write(() => budget.dropReceipted(FREED_ON_FULL_DISK_BYTES));
        accept(draft, id);
      }
      return { id, epoch: liveEpoch.id, isNew: true };
    },
    beginEpoch,
    takeBatch: (limits) => write(() => queue.take(limits)),
    quarantine: (epoch, sequences) => write(() => queue.quarantine(epoch, sequences, clock.nowMs())),
    defer: (epoch, sequences) => write(() => queue.defer(epoch, sequences)),
    releaseQuarantined: (settledBeforeMs) => write(() => queue.releaseQuarantined(settledBeforeMs)),
    listQuarantined: (limit) => queue.listQuarantined(limit),
    applyReceipt: (epoch, ranges) => write(() => receipts.apply(epoch, ranges, clock.nowMs())),
    refill: (receiptedSinceMs) => write(() => receipts.refill(receiptedSinceMs)),
    resend: (epoch, ranges) => write(() => receipts.resend(epoch, ranges)),
    prune: () => write(() => receipts.prune(clock.nowMs() - RECEIPTED_KEPT_MS)),
    figures: () => ({ ...budget.figures(), budgetBytes: options.budgetBytes, isFull: isWithoutRoom }),
    close: () => database.close(),
  };
}

/** Room for some hundred events; a full disk that is still being filled takes it away again anyway. */
const FREED_ON_FULL_DISK_BYTES = 64 * 1024;

function causeOf(error: unknown): unknown {
  return error instanceof LinkError ? error.cause : undefined;
}

/** Index entries, row header, the id a second time and half-filled pages: measured on a file of 20,000 events. */
const ROW_OVERHEAD_BYTES = 256;

function sizeOf(body: string): number {
  return Buffer.byteLength(body) + ROW_OVERHEAD_BYTES;
}
