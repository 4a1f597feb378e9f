import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import type { DataClass, Removal } from '../../retention/data-class.ts';
import type { SigningKeySource } from '../../signing-key.ts';
import { type ChainEnd, GENESIS, readChain, walkChain } from './audit-chain.ts';
import { signAuditSeal } from './audit-seal.ts';

/** Checked and deleted in one transaction. */
const ROWS_PER_SLICE = 2_000;

/** The trail does not hold together where rows would be deleted: they stay, so that somebody can look. */
export class AuditChainBrokenError extends Error {
  readonly code = 'AUDIT_CHAIN_BROKEN';
  constructor(through: string) {
    super(`the audit trail is broken before row ${through}: run npm run audit:verify; nothing of it is deleted`);
    this.name = 'AuditChainBrokenError';
  }
}

/**
 * Deletes audit rows whose time is over, from the oldest on and without gaps. In the same transaction the hub signs up
 * to which row, so that the rest can still be verified. What was tampered with is kept.
 */
export function createAuditRetention(signingKey: SigningKeySource, now: () => number): DataClass {
  return {
    name: 'audit',
    async findOldest(tx) {
      const { rows } = await sql<{ at: Date }>`select at from dipper.audit order by id limit 1`.execute(tx);
      return rows[0]?.at;
    },
    async measureBytes(tx) {
      const { rows } = await sql<{ bytes: string }>`
        select pg_total_relation_size('dipper.audit') as bytes`.execute(tx);
      return Number(rows[0]?.bytes ?? 0);
    },
    async removeNext(tx, before) {
      const through = await findLastBefore(tx, before);
      if (through === undefined) return undefined;
      const end = await checkedEnd(tx, through);
      const signed = await signAuditSeal(signingKey(), {
        kind: 'checkpoint',
        ...end,
        at: new Date(now()).toISOString(),
      });
      await sql`insert into dipper.audit_checkpoint (id, signed) values (${end.id}::bigint, ${signed})`.execute(tx);
      return [await removeThrough(tx, end.id)];
    },
  };
}

/** The last row of a slice in which no row is younger; undefined when the oldest row is. */
async function findLastBefore(tx: Tx, before: Date): Promise<string | undefined> {
  const { rows } = await sql<{ id: string | null }>`
    select max(id) as id from (select id, at from dipper.audit order by id limit ${ROWS_PER_SLICE}) as slice
     where id < coalesce((select min(id) from dipper.audit where at >= ${before}), 9223372036854775807)`.execute(tx);
  return rows[0]?.id ?? undefined;
}

async function checkedEnd(tx: Tx, through: string): Promise<ChainEnd> {
  const start = await lastCheckpoint(tx);
  const walk = walkChain(start);
  const rows = await readChain(tx, '0', ROWS_PER_SLICE);
  walk.follow(rows.filter(({ id }) => BigInt(id) <= BigInt(through)));
  const { end, faults } = walk.finish();
  if (faults.length > 0 || end.id !== through) throw new AuditChainBrokenError(through);
  return end;
}

/** Where the last deletion ended; its signature is for those who verify, the hub reads what it wrote itself. */
async function lastCheckpoint(tx: Tx): Promise<ChainEnd> {
  const { rows } = await sql<{ id: string; signed: string }>`
    select id, signed from dipper.audit_checkpoint order by id desc limit 1`.execute(tx);
  const [last] = rows;
  if (last === undefined) return { id: '0', hash: GENESIS };
  const claims = JSON.parse(Buffer.from(last.signed.split('.')[1] ?? '', 'base64url').toString()) as { hash: string };
  return { id: last.id, hash: Buffer.from(claims.hash, 'hex') };
}

async function removeThrough(tx: Tx, id: string): Promise<Removal> {
  const { rows } = await sql<{ rows: string; from: Date; until: Date; sha256: Buffer }>`
    with gone as (delete from dipper.audit where id <= ${id}::bigint returning id, at)
    select count(*) as rows, min(at) as "from", max(at) as "until",
           sha256(string_agg(int8send(id), ''::bytea order by id)) as sha256 from gone`.execute(tx);
  const [gone] = rows;
  if (gone === undefined) throw new AuditChainBrokenError(id);
  return { subject: 'dipper.audit', ...gone, rows: Number(gone.rows) };
}
