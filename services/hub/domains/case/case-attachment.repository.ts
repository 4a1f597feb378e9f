import type { CaseAttachment } from '@dipper/contract/api/case-attachment';
import type { Db, Tx } from '../../database/pool.ts';
import type { CaseAttachmentRow } from './case.tables.ts';

/** Pictures of a case, oldest first. */
export async function listAttachments(db: Db | Tx, gridCase: string): Promise<Omit<CaseAttachment, 'byName'>[]> {
  const rows = await db
    .selectFrom('dipper.case_attachment')
    .selectAll()
    .where('grid_case', '=', gridCase)
    .orderBy('at')
    .orderBy('id')
    .execute();
  return rows.map(attachmentFromRow);
}

export function attachmentFromRow(row: CaseAttachmentRow): Omit<CaseAttachment, 'byName'> {
  const { latitude_deg: latitudeDeg, longitude_deg: longitudeDeg } = row;
  return {
    id: row.id,
    mime: row.mime,
    bytes: row.bytes,
    widthPx: row.width_px,
    heightPx: row.height_px,
    location: latitudeDeg === null || longitudeDeg === null ? null : { latitudeDeg, longitudeDeg },
    by: row.by,
    at: row.at.toISOString(),
  };
}
