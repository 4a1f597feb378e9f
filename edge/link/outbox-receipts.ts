import type { DatabaseSync } from 'node:sqlite';
import type { SequenceRange } from '@dipper/contract/receipts';
import { EVENT_STATE } from './outbox-file.ts';

/** What became of a receipt whose signature was good. */
export type ReceiptOutcome =
  | { readonly accepted: true; readonly settled: number }
  | { readonly accepted: false; readonly reason: 'epoch-unknown' | 'sequence-never-sent' };

/** Runs inside the transactions of its caller. */
export interface OutboxReceipts {
  apply(epoch: string, ranges: readonly SequenceRange[], nowMs: number): ReceiptOutcome;
  refill(receiptedSinceMs: number): number;
  resend(epoch: string, ranges: readonly SequenceRange[]): number[];
  prune(receiptedBeforeMs: number): void;
}

/** @param firstOwnEpoch number of the first epoch this process began */
export function createOutboxReceipts(database: DatabaseSync, firstOwnEpoch: number): OutboxReceipts {
  const { waiting, inFlight, receipted, quarantined } = EVENT_STATE;
  const findEpoch = database.prepare('select number, next_sequence as next from epoch where id = ?');
  const settle = database.prepare(
    `update event set state = ${receipted}, settled_at_ms = ?
     where epoch = ? and sequence between ? and ? and state in (${waiting}, ${inFlight}, ${quarantined})`,
  );
  const refill = database.prepare(
    `update event set state = ${waiting}, settled_at_ms = null where state = ${receipted} and settled_at_ms >= ?`,
  );
  const resend = database.prepare(
    `update event set state = ${waiting}, settled_at_ms = null
     where epoch = ? and sequence between ? and ? and state = ${receipted} returning sequence`,
  );
  const prune = database.prepare(`delete from event where state = ${receipted} and settled_at_ms < ?`);

  return {
    apply(epochId, ranges, nowMs) {
      const epoch = findEpoch.get(epochId) as { number: number; next: number } | undefined;
      if (epoch === undefined) return { accepted: false, reason: 'epoch-unknown' };
      const namesUnsent = ranges.some(([first, last]) => last >= epoch.next || first > last);
      // Within our own lifetime that is a lie or a fault, and nothing in it is believed. In an epoch of an earlier boot
      // it also comes of a disk that was rolled back: the hub has seen more than we remember; what we did send, counts.
      if (namesUnsent && epoch.number >= firstOwnEpoch) return { accepted: false, reason: 'sequence-never-sent' };
      let settled = 0;
      for (const [first, last] of ranges) settled += Number(settle.run(nowMs, epoch.number, first, last).changes);
      return { accepted: true, settled };
    },
    refill: (receiptedSinceMs) => Number(refill.run(receiptedSinceMs).changes),
    resend(epochId, ranges) {
      const epoch = findEpoch.get(epochId) as { number: number } | undefined;
      if (epoch === undefined) return [];
      return ranges
        .flatMap(([first, last]) => resend.all(epoch.number, first, last) as unknown as { sequence: number }[])
        .map(({ sequence }) => sequence);
    },
    prune: (receiptedBeforeMs) => void prune.run(receiptedBeforeMs),
  };
}
