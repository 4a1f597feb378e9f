import { randomUUID } from 'node:crypto';
import type { DataClassName, DeletionView } from '@dipper/contract/api/retention';
import type { Removal } from './data-class.ts';
import type { DeletionRow, RetentionDb } from './retention.tables.ts';
import type { Keep } from './retention-file.ts';

/** Writes the proofs, in the transaction that deletes. */
export async function insertDeletions(
  tx: RetentionDb,
  name: DataClassName,
  keep: Keep,
  removals: readonly Removal[],
  now: Date,
): Promise<void> {
  if (removals.length === 0) return;
  await tx
    .insertInto('dipper.deletion')
    .values(
      removals.map(({ subject, from, until, rows, sha256 }) => ({
        id: randomUUID(),
        class: name,
        subject: subject.replace('dipper.', ''),
        reason_zh: keep.reason.zh,
        reason_en: keep.reason.en,
        keep_days: keep.keepDays,
        from_at: from,
        until_at: until,
        rows: String(rows),
        sha256,
        at: now,
      })),
    )
    .execute();
}

/** The latest first, behind an ordinal. */
export function listDeletions(
  db: RetentionDb,
  filter: { readonly class?: DataClassName },
  behind: string | undefined,
  limit: number,
): Promise<DeletionRow[]> {
  let query = db.selectFrom('dipper.deletion').selectAll().orderBy('ordinal', 'desc').limit(limit);
  if (behind !== undefined) query = query.where('ordinal', '<', behind);
  if (filter.class !== undefined) query = query.where('class', '=', filter.class);
  return query.execute();
}

export function deletionFromRow(row: DeletionRow): DeletionView {
  return {
    id: row.id,
    class: row.class as DataClassName,
    subject: row.subject,
    reason: { zh: row.reason_zh, en: row.reason_en },
    keepDays: row.keep_days,
    from: row.from_at.toISOString(),
    until: row.until_at.toISOString(),
    rows: Number(row.rows),
    sha256: row.sha256.toString('hex'),
    at: row.at.toISOString(),
  };
}
