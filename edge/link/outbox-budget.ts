import type { DatabaseSync } from 'node:sqlite';
import type { EventDraft } from '@dipper/contract/events';
import { GIVE_UP_CLASS, type GivenUp, tombstoneDraft } from './event-body.ts';
import { EVENT_STATE } from './outbox-file.ts';

/** Runs inside the transactions of its caller. */
export interface OutboxBudget {
  /** Gives up what has to go so that the events fit into the budget again; false if they still do not. */
  settle(): boolean;
  /** Forgets receipted events, oldest first, until this many bytes are free. */
  dropReceipted(bytes: number): void;
  figures(): BudgetFigures;
}

export interface BudgetFigures {
  readonly waiting: number;
  readonly quarantined: number;
  readonly bytes: number;
  readonly receipted: number;
  readonly givenUp: Readonly<Record<string, number>>;
}

export interface OutboxBudgetOptions {
  readonly budgetBytes: number;
  readonly nowMs: () => number;
  readonly insert: (draft: EventDraft) => void;
  /** Writes a tombstone that has not been sent yet anew, with larger numbers. */
  readonly rewrite: (position: number, id: string, draft: EventDraft) => void;
}

/** Once the budget is spent this much is freed at once, so that not every further event has to give up another. */
const FREED_AT_ONCE = 0.05;
const CHUNK_EVENTS = 100;

interface UnsentRow {
  readonly position: number;
  readonly type: string;
  readonly timeMs: number;
  readonly bytes: number;
}

/**
 * Keeps the outbox within its bytes. First to go is what the hub has signed for; then, class by class and oldest first,
 * events that were never sent, each type leaving one tombstone that says how many and from when to when. What was sent
 * once is never given up: its sequence is known to the hub, which would wait for it for ever.
 */
export function createOutboxBudget(database: DatabaseSync, options: OutboxBudgetOptions): OutboxBudget {
  const { waiting, inFlight, receipted, quarantined } = EVENT_STATE;
  const total = database.prepare('select sum(bytes) as bytes from total');
  const totals = database.prepare('select state, events, bytes from total order by state');
  const listReceipted = database.prepare(
    `select position, bytes from event where state = ${receipted} order by settled_at_ms, position limit ${CHUNK_EVENTS}`,
  );
  const listUnsent = database.prepare(
    `select position, type, time_ms as timeMs, bytes from event
     where sequence is null and give_up_class = ? order by position limit ${CHUNK_EVENTS}`,
  );
  const remove = database.prepare('delete from event where position = ?');
  const findTombstone = database.prepare(
    `select position, id, body from event where sequence is null and give_up_class = ${GIVE_UP_CLASS.never}
       and json_extract(body, '$.data.type') = ?`,
  );
  const count = database.prepare(
    'insert into given_up (type, events) values (?, ?) on conflict do update set events = events + excluded.events',
  );
  const listGivenUp = database.prepare('select type, events from given_up order by type');

  const usedBytes = (): number => (total.get() as { bytes: number }).bytes;

  /** Deletes rows of a list until `bytes` are free or the list has ended. */
  const free = <Row extends { position: number; bytes: number }>(
    bytes: number,
    list: () => Row[],
    onRemoved: (row: Row) => void,
  ): number => {
    let freed = 0;
    while (freed < bytes) {
      const rows = list();
      if (rows.length === 0) break;
      for (const row of rows) {
        if (freed >= bytes) break;
        remove.run(row.position);
        onRemoved(row);
        freed += row.bytes;
      }
    }
    return freed;
  };

  const bury = (given: GivenUp): void => {
    count.run(given.type, given.count);
    const found = findTombstone.get(given.type) as { position: number; id: string; body: string } | undefined;
    if (found === undefined) {
      options.insert(tombstoneDraft(given, options.nowMs()));
      return;
    }
    const { data } = JSON.parse(found.body) as { data: { firstAt: string; lastAt: string; count: number } };
    options.rewrite(
      found.position,
      found.id,
      tombstoneDraft(
        {
          type: given.type,
          firstAtMs: Math.min(given.firstAtMs, Date.parse(data.firstAt)),
          lastAtMs: Math.max(given.lastAtMs, Date.parse(data.lastAt)),
          count: given.count + data.count,
        },
        options.nowMs(),
      ),
    );
  };

  const giveUp = (giveUpClass: number, bytes: number): number => {
    const given = new Map<string, GivenUp>();
    const freed = free(
      bytes,
      () => listUnsent.all(giveUpClass) as unknown as UnsentRow[],
      ({ type, timeMs }) => {
        const before = given.get(type);
        given.set(type, {
          type,
          firstAtMs: Math.min(before?.firstAtMs ?? timeMs, timeMs),
          lastAtMs: Math.max(before?.lastAtMs ?? timeMs, timeMs),
          count: (before?.count ?? 0) + 1,
        });
      },
    );
    for (const each of given.values()) bury(each);
    return freed;
  };

  const dropReceipted = (bytes: number): number =>
    free(
      bytes,
      () => listReceipted.all() as unknown as { position: number; bytes: number }[],
      () => undefined,
    );

  return {
    settle() {
      for (;;) {
        const excess = usedBytes() - options.budgetBytes;
        if (excess <= 0) return true;
        const generous = excess + options.budgetBytes * FREED_AT_ONCE;
        let freed = dropReceipted(generous);
        freed += giveUp(GIVE_UP_CLASS.scene, generous - freed);
        // What matters more goes event by event, not a byte before it must. A first tombstone takes some bytes itself.
        freed += giveUp(GIVE_UP_CLASS.device, excess - freed);
        freed += giveUp(GIVE_UP_CLASS.kept, excess - freed);
        if (freed === 0) return false;
      }
    },
    dropReceipted: (bytes) => void dropReceipted(bytes),
    figures() {
      const rows = totals.all() as unknown as { state: number; events: number; bytes: number }[];
      const of = (state: number) => rows[state] ?? { events: 0, bytes: 0 };
      const givenUp = listGivenUp.all() as unknown as { type: string; events: number }[];
      return {
        waiting: of(waiting).events + of(inFlight).events,
        quarantined: of(quarantined).events,
        bytes: of(waiting).bytes + of(inFlight).bytes + of(quarantined).bytes,
        receipted: of(receipted).events,
        givenUp: Object.fromEntries(givenUp.map(({ type, events }) => [type, events])),
      };
    },
  };
}
