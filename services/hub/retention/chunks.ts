import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';

/** Whether the server has TimescaleDB; one that stands in for it in a test has plain tables. */
export async function hasTimescale(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from pg_extension where extname = 'timescaledb') as found`.execute(tx);
  return rows[0]?.found === true;
}

export interface Chunk {
  /** Quoted and qualified. */
  readonly name: string;
  readonly from: Date;
  readonly until: Date;
}

/** The oldest chunk of a hypertable that lies before an instant altogether. */
export async function findOldestChunk(
  tx: Tx,
  table: string,
  before: Date,
  only: 'any' | 'uncompressed' = 'any',
): Promise<Chunk | undefined> {
  const [schema, name] = table.split('.');
  const { rows } = await sql<Chunk>`
    select format('%I.%I', chunk_schema, chunk_name) as name, range_start as "from", range_end as "until"
      from timescaledb_information.chunks
     where hypertable_schema = ${schema} and hypertable_name = ${name} and range_end <= ${before}
       and (${only === 'any'} or not is_compressed)
     order by range_start limit 1`.execute(tx);
  return rows[0];
}

/** Nobody reads or writes it until the transaction ends; rather gives up than lets the ingest wait behind it. */
export async function lockChunk(tx: Tx, chunk: Chunk): Promise<void> {
  await sql`set local lock_timeout = '3s'`.execute(tx);
  await sql`lock table ${sql.raw(chunk.name)} in access exclusive mode`.execute(tx);
}

export async function compressChunk(tx: Tx, chunk: Chunk): Promise<void> {
  await sql`select compress_chunk(${chunk.name}::regclass, if_not_compressed => true)`.execute(tx);
}

/** Drops the chunks of a hypertable or of continuous counts that lie within a range. */
export async function dropChunks(tx: Tx, table: string, from: Date, until: Date): Promise<void> {
  await sql`select drop_chunks(${table}::regclass, older_than => ${until}::timestamptz, newer_than => ${from}::timestamptz)`.execute(
    tx,
  );
}

export async function measureTable(tx: Tx, table: string, isHypertable: boolean): Promise<number> {
  const size = isHypertable
    ? sql`coalesce(hypertable_size(${table}::regclass), 0)`
    : sql`pg_total_relation_size(${table}::regclass)`;
  const { rows } = await sql<{ bytes: string }>`select ${size} as bytes`.execute(tx);
  return Number(rows[0]?.bytes ?? 0);
}
