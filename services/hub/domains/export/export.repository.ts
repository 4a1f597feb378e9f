import type { ExportView } from '@dipper/contract/api/recording';
import type { Insertable, Kysely } from 'kysely';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import type { ExportRow, ExportTables } from './export.tables.ts';

export type ExportDb = Kysely<ExportTables>;

export interface ExportRepository {
  insert(row: Insertable<ExportTables['dipper.recording_export']>): Promise<ExportRow>;
  find(id: string): Promise<ExportRow | undefined>;
  /** Whether it was waiting, for this account and within its time: then it runs now, and for nobody else. */
  begin(id: string, accountId: string, now: Date): Promise<boolean>;
  /** The way back: whoever fetched it went away. */
  giveBack(id: string): Promise<void>;
  fail(id: string, code: string, now: Date): Promise<void>;
  finish(id: string, outcome: { bytes: number; sha256: string; manifest: string }, now: Date): Promise<void>;
}

export function createExportRepository(db: ExportDb): ExportRepository {
  const table = 'dipper.recording_export';
  const change = (id: string) => db.updateTable(table).where('id', '=', id).where('state', '=', 'running');
  return {
    insert: (row) =>
      db.transaction().execute(async (tx) => {
        const inserted = await tx.insertInto(table).values(row).returningAll().executeTakeFirstOrThrow();
        await noteCarriedOut(tx);
        return inserted;
      }),
    find: (id) => db.selectFrom(table).selectAll().where('id', '=', id).executeTakeFirst(),
    async begin(id, accountId, now) {
      const { numUpdatedRows } = await db
        .updateTable(table)
        .set({ state: 'running' })
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .where('state', '=', 'waiting')
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
    async giveBack(id) {
      await change(id).set({ state: 'waiting' }).execute();
    },
    async fail(id, code, now) {
      await change(id).set({ state: 'failed', code, finished_at: now }).execute();
    },
    async finish(id, outcome, now) {
      await change(id)
        .set({ state: 'done', finished_at: now, ...outcome })
        .execute();
    },
  };
}

export function exportFromRow(row: ExportRow): ExportView {
  return {
    id: row.id,
    device: row.device,
    estate: row.estate,
    from: row.from_at.toISOString(),
    until: row.until_at.toISOString(),
    reason: row.reason,
    state: row.state,
    code: row.code,
    bytes: row.bytes === null ? null : Number(row.bytes),
    sha256: row.sha256,
    requestedBy: row.account_name,
    requestedAt: row.requested_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
