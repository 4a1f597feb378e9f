import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;

export interface DatabasePool {
  readonly db: Db;
  /** The same connections, for what Kysely has no words for. */
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/** How many connections one copy of the hub holds at most. */
const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** Longer than any statement of ours on a slow disk; after it the connection counts as dead. */
const QUERY_TIMEOUT_MS = 30_000;

/**
 * Opens the pool; connections are made when they are needed, so this succeeds while the database is down.
 * Nothing here depends on the session behind a connection: names are qualified, statements unnamed, advisory locks
 * end with their transaction. The embedded database has one session for all.
 */
export function openDatabasePool(databaseUrl: string, log: Logger): DatabasePool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    application_name: 'dipper-hub',
  });
  pool.on('error', (error) => log.warn({ reason: error.message }, 'a database connection was lost'));
  // A connection that breaks while it is lent out says so to whoever has it, and besides as an event.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, close: () => db.destroy() };
}
