import type { CryptoKey } from 'jose';
import type { Kysely } from 'kysely';
import type { AuditTables } from './audit.tables.ts';
import { type ChainEnd, type ChainFault, GENESIS, readChain, walkChain } from './audit-chain.ts';
import { type AuditSeal, openAuditSeal } from './audit-seal.ts';

const ROWS_PER_READ = 5_000;

export interface AuditVerdict {
  readonly rows: number;
  /** Id of the last row that was deleted because its time was over; `0` when none was. */
  readonly deletedThrough: string;
  /** Id of the last row whose signed head was found; what was deleted behind it cannot be missed. */
  readonly signedThrough: string;
  readonly faults: readonly ChainFault[];
  /** What is wrong with the signatures, in words. */
  readonly complaints: readonly string[];
}

/**
 * Holds the audit trail to its hashes, to the signed heads and to the signed checkpoints of retention. Trusts nothing
 * that the database computes.
 *
 * @param heads lines of the files outside the database
 * @param keys public halves of every key that the hub has had
 */
export async function verifyAudit(
  db: Kysely<AuditTables>,
  heads: readonly string[],
  keys: readonly CryptoKey[],
): Promise<AuditVerdict> {
  const complaints: string[] = [];
  // Heads first: what the hub writes meanwhile is then behind them.
  const sealed = await openHeads(heads, keys, complaints);
  const start = await startOfChain(db, keys, complaints);
  const walk = walkChain(start);
  const hashes = new Map<string, Buffer>();
  let behind = '0';
  for (;;) {
    const rows = await readChain(db, behind, ROWS_PER_READ);
    walk.follow(rows);
    for (const { id, hash } of rows) if (sealed.has(id)) hashes.set(id, hash);
    behind = rows.at(-1)?.id ?? behind;
    if (rows.length < ROWS_PER_READ) break;
  }
  const { end, faults, rows } = walk.finish();
  return {
    rows,
    deletedThrough: start.id,
    signedThrough: String(maxOf([...sealed.keys()])),
    faults: [...faults, ...faultsByHeads(sealed, hashes, start, end)],
    complaints,
  };
}

async function openHeads(
  lines: readonly string[],
  keys: readonly CryptoKey[],
  complaints: string[],
): Promise<Map<string, AuditSeal>> {
  const sealed = new Map<string, AuditSeal>();
  for (const line of lines) {
    const seal = await openAuditSeal(line, keys);
    if (seal?.kind === 'head') sealed.set(seal.id, seal);
    else complaints.push('a signed head was not signed by this hub');
  }
  if (sealed.size === 0) complaints.push('there is no signed head: rows deleted from the end would not be missed');
  return sealed;
}

async function startOfChain(
  db: Kysely<AuditTables>,
  keys: readonly CryptoKey[],
  complaints: string[],
): Promise<ChainEnd> {
  const last = await db.selectFrom('dipper.audit_checkpoint').selectAll().orderBy('id', 'desc').executeTakeFirst();
  const genesis = { id: '0', hash: GENESIS };
  if (last === undefined) return genesis;
  const seal = await openAuditSeal(last.signed, keys);
  if (seal?.kind === 'checkpoint' && seal.id === last.id) return seal;
  complaints.push(`the checkpoint at row ${last.id} was not signed by this hub`);
  return genesis;
}

/** What the chain alone does not show: rows missing at its end, and one that was made anew from somewhere on. */
function faultsByHeads(
  sealed: ReadonlyMap<string, AuditSeal>,
  hashes: ReadonlyMap<string, Buffer>,
  start: ChainEnd,
  end: ChainEnd,
): ChainFault[] {
  const heads = [...sealed.values()].filter(({ id }) => BigInt(id) > BigInt(start.id)).sort(byId);
  const last = heads.at(-1);
  const faults: ChainFault[] = [];
  let good = start.id;
  for (const { id, hash } of heads) {
    const found = hashes.get(id);
    if (found !== undefined && !found.equals(hash)) {
      faults.push({ what: 'edited', from: String(BigInt(good) + 1n), until: id });
      break;
    }
    if (found !== undefined) good = id;
  }
  if (last !== undefined && BigInt(last.id) > BigInt(end.id)) {
    faults.push({ what: 'deleted', from: String(BigInt(end.id) + 1n), until: last.id });
  }
  return faults;
}

function byId(a: AuditSeal, b: AuditSeal): number {
  return BigInt(a.id) < BigInt(b.id) ? -1 : 1;
}

function maxOf(ids: readonly string[]): bigint {
  return ids.reduce((max, id) => (BigInt(id) > max ? BigInt(id) : max), 0n);
}
