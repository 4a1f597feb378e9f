import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import type { Removal, RowSource } from './data-class.ts';

/** Deleted in one transaction: a few hundred milliseconds on a slow disk. */
const ROWS_PER_SLICE = 5_000;

interface ProofRow {
  rows: string;
  from: Date | null;
  until: Date | null;
  sha256: Buffer | null;
}

/** SHA-256 over ids in ascending order, each in PostgreSQL's binary form; at most 1 GB of ids, 60 million rows. */
function idHash({ idType }: RowSource): RawBuilder<Buffer> {
  const send = sql.raw(idType === 'uuid' ? 'uuid_send' : 'int8send');
  return sql<Buffer>`sha256(string_agg(${send}(id), ''::bytea order by id))`;
}

/** The proof of rows that are about to be dropped whole. */
export async function proveRows(tx: Tx, source: RowSource, from: Date, until: Date): Promise<Removal | undefined> {
  const time = sql.ref(source.timeColumn);
  const { rows } = await sql<ProofRow>`
    select count(*) as rows, min(${time}) as "from", max(${time}) as "until", ${idHash(source)} as sha256
      from ${sql.table(source.table)} where ${time} >= ${from} and ${time} < ${until}`.execute(tx);
  return removalFrom(source.table, rows[0]);
}

/** Deletes the oldest rows, at most a slice of them. */
export async function removeRows(tx: Tx, source: RowSource, before: Date): Promise<Removal | undefined> {
  const [table, time] = [sql.table(source.table), sql.ref(source.timeColumn)];
  const { rows } = await sql<ProofRow>`
    with gone as (
      delete from ${table} where id in (
        select id from ${table} where ${time} < ${before} and (${source.isOver ?? sql`true`}) order by ${time}, id limit ${ROWS_PER_SLICE} for update)
      returning id, ${time} as at)
    select count(*) as rows, min(at) as "from", max(at) as "until", ${idHash(source)} as sha256 from gone`.execute(tx);
  return removalFrom(source.table, rows[0]);
}

/** As a row of counts is hashed: it has no id of its own. */
const COUNT_HASH = sql<Buffer>`sha256(convert_to(string_agg(
  concat_ws('|', to_char(hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), estate, type, coalesce(device, ''), events),
  E'\\n' order by hour, estate collate "C", type collate "C", device collate "C"), 'UTF8'))`;

/** The proof of counts that are about to be dropped whole. */
export async function proveCounts(tx: Tx, table: string, from: Date, until: Date): Promise<Removal | undefined> {
  const { rows } = await sql<ProofRow>`
    select count(*) as rows, min(hour) as "from", max(hour) as "until", ${COUNT_HASH} as sha256
      from ${sql.table(table)} where hour >= ${from} and hour < ${until}`.execute(tx);
  return removalFrom(table, rows[0]);
}

/** Deletes counts from a plain table. */
export async function removeCounts(tx: Tx, table: string, before: Date): Promise<Removal | undefined> {
  const { rows } = await sql<ProofRow>`
    with gone as (delete from ${sql.table(table)} where hour < ${before} returning *)
    select count(*) as rows, min(hour) as "from", max(hour) as "until", ${COUNT_HASH} as sha256 from gone`.execute(tx);
  return removalFrom(table, rows[0]);
}

function removalFrom(subject: string, row: ProofRow | undefined): Removal | undefined {
  if (row === undefined || row.from === null || row.until === null || row.sha256 === null) return undefined;
  return { subject, from: row.from, until: row.until, rows: Number(row.rows), sha256: row.sha256 };
}
