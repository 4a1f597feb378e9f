import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;

export interface DatabasePool {
  readonly db: Db;
  /** Connections of their own for what may take minutes: to compress or to hash a day. */
  readonly slow: Db;
  /** The same connections, for what Kysely has no words for. */
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/** How many connections one copy of the hub holds at most, besides the slow ones. */
const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** Longer than any statement of ours on a slow disk; after it the connection is closed. */
const QUERY_TIMEOUT_MS = 30_000;
const SLOW_CONNECTIONS = 2;
const SLOW_QUERY_TIMEOUT_MS = 10 * 60_000;
/** A hub that stops does not wait longer for a slow statement; the server undoes it. */
const SLOW_CLOSE_PATIENCE_MS = 500;

/**
 * Opens the pool; connections are made when they are needed, so this succeeds while the database is down.
 * Nothing here depends on the session behind a connection: names are qualified, statements unnamed, advisory locks
 * end with their transaction. The embedded database has one session for all.
 */
export function openDatabasePool(
  databaseUrl: string,
  log: Logger,
  { queryTimeoutMs = QUERY_TIMEOUT_MS }: { readonly queryTimeoutMs?: number } = {},
): DatabasePool {
  const open = (max: number, timeoutMs: number): pg.Pool => {
    const pool = new pg.Pool({
      connectionString: databaseUrl,
      max,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: timeoutMs,
      application_name: 'dipper-hub',
    });
    pool.on('error', (error) => log.warn({ reason: error.message }, 'a database connection was lost'));
    // A connection that breaks while it is lent out says so to whoever has it, and besides as an event.
    pool.on('connect', (client) => {
      client.on('error', () => undefined);
      closeWhenOverdue(client);
    });
    return pool;
  };
  const over = (pool: pg.Pool): Db => new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const pool = open(MAX_CONNECTIONS, queryTimeoutMs);
  const [db, slow] = [over(pool), over(open(SLOW_CONNECTIONS, SLOW_QUERY_TIMEOUT_MS))];
  return {
    db,
    slow,
    pool,
    async close() {
      const patience = delay(SLOW_CLOSE_PATIENCE_MS, undefined, { ref: false });
      await Promise.all([db.destroy(), Promise.race([slow.destroy(), patience])]);
    },
  };
}

const OVERDUE = /query read timeout/i;

/**
 * Closes the connection whose statement took too long. `pg` (8.23) would go on using it with the statement still under
 * way: a BEGIN that arrives after all opens a transaction that nobody ends, for which the embedded database lets everybody
 * wait, and in which whoever gets the connection next writes what is never committed.
 */
function closeWhenOverdue(client: pg.PoolClient): void {
  const { connection } = client as pg.PoolClient & { readonly connection: { readonly stream: Duplex } };
  const query = client.query.bind(client) as (...args: readonly unknown[]) => unknown;
  const watched = (...args: readonly unknown[]): unknown => {
    const answer = query(...args);
    if (answer instanceof Promise) {
      answer.catch((error: Error) => {
        if (OVERDUE.test(error.message)) connection.stream.destroy();
      });
    }
    return answer;
  };
  client.query = watched as typeof client.query;
}
