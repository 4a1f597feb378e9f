import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';

const MIGRATIONS_DIR = fileURLToPath(new URL('../migrations/', import.meta.url));
/** Any number will do, as long as nothing else takes it: copies of the hub migrate one after the other. */
const ADVISORY_LOCK = 7_700_001;
const UNDEFINED_FUNCTION = '42883';

export interface Migration {
  /** File name, e.g. `0001_data.sql`; applied in alphabetical order. */
  readonly name: string;
  readonly sql: string;
  /** Of the SQL, in hexadecimal digits. */
  readonly sha256: string;
}

/** A migration was changed after it had been applied, or the database lacks what it needs. */
export class MigrationError extends Error {
  readonly code = 'MIGRATION_FAILED';
}

/** The migrations of this version of the hub. */
export function readMigrations(dir: string = MIGRATIONS_DIR): Migration[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => migrationFrom(name, readFileSync(`${dir}/${name}`, 'utf8')));
}

export function migrationFrom(name: string, sql: string): Migration {
  return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
}

/**
 * Applies what has not been applied yet, forward only, each file in a transaction of its own. Several copies may do
 * this at once: the others wait. Unqualified names in a migration mean the schema `dipper`.
 *
 * @throws MigrationError
 */
export async function migrate(
  pool: pg.Pool,
  migrations: readonly Migration[],
  onProgress: (message: string, fraction: number) => void,
): Promise<void> {
  await inLockedTransaction(pool, prepareSchema);
  for (const [index, migration] of migrations.entries()) {
    await inLockedTransaction(pool, (client) => applyMigration(client, migration));
    onProgress(`database: ${migration.name}`, (index + 1) / migrations.length);
  }
  await inLockedTransaction(pool, forgetForeignChanges);
}

/** Makes the schema, and the table that knows which migrations have been applied. */
export async function prepareSchema(client: pg.ClientBase): Promise<void> {
  // Asked of the table: `if not exists` asks a cache, which may not know yet what another copy of the hub has just made,
  // where the role is called as the schema is ("$user" in the search path).
  const schema = await client.query(`select from pg_namespace where nspname = 'dipper'`);
  if (schema.rowCount === 0) await client.query('create schema dipper');
  await client.query(
    `create table if not exists dipper.migration
       (name text primary key, sha256 text not null, applied_at timestamptz not null default now())`,
  );
}

/** Applies one migration inside the caller's transaction, unless it has been applied. @throws MigrationError */
export async function applyMigration(client: pg.ClientBase, { name, sql, sha256 }: Migration): Promise<void> {
  const applied = await client.query<{ sha256: string }>('select sha256 from dipper.migration where name = $1', [name]);
  const known = applied.rows[0]?.sha256;
  if (known === sha256) return;
  if (known !== undefined) {
    throw new MigrationError(`${name} has been changed since it was applied. Restore it; add a new migration instead.`);
  }
  await client.query('set local search_path to dipper, public');
  try {
    await client.query(sql);
  } catch (cause) {
    throw new MigrationError(explain(name, cause as Error & { code?: string }), { cause });
  }
  await client.query('insert into dipper.migration (name, sha256) values ($1, $2)', [name, sha256]);
}

function explain(name: string, error: Error & { code?: string }): string {
  if (error.code === UNDEFINED_FUNCTION && error.message.includes('create_hypertable')) {
    return 'The database has no TimescaleDB. Install the extension on the server, then start again.';
  }
  return `${name}: ${error.message}`;
}

/**
 * A database restored from a dump may hold changes of transactions that this server has not come to yet; readers
 * would wait for them for ever, or pass new ones by.
 */
async function forgetForeignChanges(client: pg.PoolClient): Promise<void> {
  const exists = await client.query<{ found: boolean }>(`select to_regclass('dipper.change') is not null as found`);
  if (exists.rows[0]?.found !== true) return;
  await client.query('delete from dipper.change where transaction >= pg_snapshot_xmax(pg_current_snapshot())');
}

async function inLockedTransaction(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    await work(client);
    await client.query('commit');
    client.release();
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    client.release(true);
    throw error;
  }
}
