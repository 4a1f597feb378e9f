import { createHash } from 'node:crypto';
import { type QueryExecutorProvider, sql } from 'kysely';

/** What the first row of all follows. */
export const GENESIS = Buffer.alloc(32);

/** A row as it is hashed: every value as text, the time in microseconds. */
export interface ChainedRow {
  readonly id: string;
  readonly fields: readonly (string | null)[];
  readonly previous: Buffer;
  readonly hash: Buffer;
}

/** Says of a row which hash it has to have; the same form as `dipper.audit_hash` in migration 0009. */
export function hashOf({ previous, id, fields }: Omit<ChainedRow, 'hash'>): Buffer {
  const hash = createHash('sha256').update(previous);
  for (const field of [id, ...fields]) {
    hash.update(field === null ? '-;' : `${Buffer.byteLength(field)}:${field};`);
  }
  return hash.digest();
}

/** Rows behind an id, in the order of the chain. */
export async function readChain(db: QueryExecutorProvider, behind: string, limit: number): Promise<ChainedRow[]> {
  const { rows } = await sql<ChainedRow>`
    select id::text, previous, hash,
           array[to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), account_id::text, account_name,
                 session_id::text, action, target, reason, outcome, address, request_id] as fields
      from dipper.audit where id > ${behind}::bigint order by audit.id limit ${limit}`.execute(db);
  return rows;
}

/** The end of a piece of chain. */
export interface ChainEnd {
  /** `0` before the first row. */
  readonly id: string;
  readonly hash: Buffer;
}

export interface ChainFault {
  readonly what: 'edited' | 'deleted' | 'inserted';
  /** Ids of the rows that it is about, both included. */
  readonly from: string;
  readonly until: string;
}

export interface ChainWalk {
  /** Follows rows from where the walk is; rows have to come in the order of the chain. */
  follow(rows: readonly ChainedRow[]): void;
  /** To be called once, behind the last row. */
  finish(): { readonly end: ChainEnd; readonly faults: readonly ChainFault[]; readonly rows: number };
}

/** Walks the chain and names what was edited, inserted or taken out. */
export function walkChain(start: ChainEnd): ChainWalk {
  const faults: ChainFault[] = [];
  let end = start;
  let rows = 0;
  /** A row that does not follow the one before it; the next row says which of the two is out of place. */
  let stranger: { readonly row: ChainedRow; readonly before: ChainEnd } | undefined;
  const settle = (next: ChainedRow | undefined): void => {
    if (stranger === undefined) return;
    const { row, before } = stranger;
    stranger = undefined;
    if (next?.previous.equals(before.hash) === true) {
      faults.push({ what: 'inserted', from: row.id, until: row.id });
      end = before;
      return;
    }
    const [from, until] = [BigInt(before.id) + 1n, BigInt(row.id) - 1n];
    if (from <= until) faults.push({ what: 'deleted', from: String(from), until: String(until) });
    // With its hash made to fit, a row looks right by itself: the one behind it still names the old hash.
    else faults.push({ what: 'edited', from: before === start ? row.id : before.id, until: row.id });
  };
  return {
    follow(followed) {
      for (const row of followed) {
        rows += 1;
        settle(row);
        if (!row.previous.equals(end.hash)) stranger = { row, before: end };
        if (!hashOf(row).equals(row.hash)) faults.push({ what: 'edited', from: row.id, until: row.id });
        end = { id: row.id, hash: row.hash };
      }
    },
    finish() {
      settle(undefined);
      return { end, faults, rows };
    },
  };
}
