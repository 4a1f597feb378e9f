import { setTimeout as delay } from 'node:timers/promises';
import { DipperError } from '@dipper/contract/errors';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Db } from '../../database/pool.ts';
import type { Change, ChangeReader } from '../../services.ts';

export interface ChangeFeed extends ChangeReader {
  /** To be called after a commit that wrote changes. */
  nudge(): void;
  /** Looks for the changes of other copies until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** How long the changes of another copy may go unnoticed. */
const POLL_MS = 200;
const CURSOR = /^(\d{1,20})-(\d{1,19})$/;
const START = '0-0';
const MAX_XID8 = 2n ** 64n - 1n;

/** Reads the table `change`, whose cursors are `<transaction>-<id>`. */
export function createChangeFeed(db: Db, log: Logger): ChangeFeed {
  const listeners = new Set<() => void>();
  let lastHead: string | undefined;
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  // A transaction that still runs, or starts later, gets a number of at least xmin: below it nothing can be added.
  const settled = sql<boolean>`transaction < pg_snapshot_xmin(pg_current_snapshot())`;

  const head = async (): Promise<string> => {
    const row = await db
      .selectFrom('dipper.change')
      .select(sql<string>`transaction || '-' || id`.as('cursor'))
      .where(settled)
      .orderBy('transaction', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row?.cursor ?? START;
  };

  return {
    head,
    async read(after, limit) {
      const [transaction, id] = parseCursor(after);
      const rows = await db
        .selectFrom('dipper.change')
        .select(['kind', 'target', 'change', sql<string>`transaction || '-' || id`.as('cursor')])
        .where(sql<boolean>`(transaction, id) >= (${transaction}::xid8, ${id}::bigint)`)
        .where(settled)
        .orderBy('transaction')
        .orderBy('id')
        .limit(limit + 1)
        .execute();
      if (after !== START && rows[0]?.cursor !== after) throw new DipperError('CURSOR_INVALID');
      return rows
        .filter(({ cursor }) => cursor !== after)
        .slice(0, limit)
        .map(({ kind, target, change, cursor }): Change => ({ cursor, kind, id: target, change }));
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    nudge: tell,
    async run(signal) {
      while (!signal.aborted) {
        await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted || listeners.size === 0) continue;
        try {
          const current = await head();
          if (current !== lastHead) tell();
          lastHead = current;
        } catch (error) {
          log.debug({ err: error }, 'cannot look for changes');
        }
      }
    },
  };
}

function parseCursor(cursor: string): [string, string] {
  const [, transaction, id] = CURSOR.exec(cursor) ?? [];
  const isValid =
    transaction !== undefined &&
    id !== undefined &&
    BigInt(transaction) <= MAX_XID8 &&
    BigInt(id) <= BigInt(Number.MAX_SAFE_INTEGER);
  if (!isValid) throw new DipperError('CURSOR_INVALID');
  return [transaction, id];
}
