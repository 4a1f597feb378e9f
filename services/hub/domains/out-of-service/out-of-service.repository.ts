import type { OutOfService } from '@dipper/contract/api/out-of-service';
import type { PageQuery } from '@dipper/contract/api/page';
import { sql } from 'kysely';
import { rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { Db, Tx } from '../../database/pool.ts';
import { withinScope } from '../../scope/scope.ts';
import { displayNameOf } from '../alarm/display-name.ts';
import type { OutOfServiceFilter } from './out-of-service.service.ts';
import type { OutOfServiceRow } from './out-of-service.tables.ts';

export type OutOfServiceViewRow = OutOfServiceRow & {
  readonly name_zh: string | null;
  readonly name_en: string | null;
  readonly started_by_name: string | null;
  readonly on_it: string;
};

function selectEntries(db: Db | Tx) {
  return db
    .selectFrom('dipper.out_of_service as entry')
    .leftJoin('dipper.device as device', 'device.id', 'entry.device')
    .selectAll('entry')
    .select(['device.name_zh', 'device.name_en'])
    .select([
      displayNameOf('entry.started_by').as('started_by_name'),
      sql<string>`(select count(*) from dipper.alarm silenced where silenced.out_of_service = entry.id)`.as('on_it'),
    ]);
}

/** One row more than the page holds, newest first. */
export function listEntries(db: Db, query: PageQuery & OutOfServiceFilter): Promise<OutOfServiceViewRow[]> {
  let select = selectEntries(db)
    .orderBy('entry.started_at', 'desc')
    .orderBy('entry.id', 'desc')
    .limit(rowLimitOf(query));
  if (query.within !== undefined)
    select = select.where(withinScope(query.within, { estate: 'entry.estate', place: 'entry.place' }));
  if (query.ended !== undefined) select = select.where('entry.ended_at', query.ended ? 'is not' : 'is', null);
  for (const column of ['device', 'rule', 'estate', 'place'] as const) {
    const value = query[column];
    if (value !== undefined) select = select.where(`entry.${column}`, '=', value);
  }
  const after = timeCursorOf(query);
  if (after !== undefined) {
    select = select.where(sql<boolean>`(entry.started_at, entry.id) < (${after.at}, ${after.id}::uuid)`);
  }
  return select.execute();
}

export function findEntries(db: Db | Tx, ids: readonly string[]): Promise<OutOfServiceViewRow[]> {
  return selectEntries(db).where('entry.id', '=', sql<string>`any(${ids}::uuid[])`).execute();
}

export function entryFromRow(row: OutOfServiceViewRow): OutOfService {
  return {
    id: row.id,
    device: row.device,
    deviceName: row.name_zh === null || row.name_en === null ? null : { zh: row.name_zh, en: row.name_en },
    rule: row.rule,
    estate: row.estate,
    place: row.place,
    reason: row.reason,
    startedAt: row.started_at.toISOString(),
    startedBy: row.started_by,
    startedByName: row.started_by_name,
    until: row.until_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    endedBy: row.ended_by,
    endNote: row.end_note,
    silenced: row.ended_at === null ? Number(row.on_it) : row.silenced,
  };
}
