import type { PageQuery } from '@dipper/contract/api/page';
import type { Shelf } from '@dipper/contract/api/shelf';
import { sql } from 'kysely';
import { rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { Db, Tx } from '../../database/pool.ts';
import { withinScope } from '../../scope/scope.ts';
import { displayNameOf } from '../alarm/display-name.ts';
import type { ShelfFilter } from './shelf.service.ts';
import type { ShelfRow } from './shelf.tables.ts';

export type ShelfViewRow = ShelfRow & {
  readonly title_zh: string;
  readonly title_en: string;
  readonly shelved_by_name: string | null;
  readonly on_it: string;
};

function selectShelves(db: Db | Tx) {
  return db
    .selectFrom('dipper.alarm_shelf as shelf')
    .innerJoin('dipper.alarm as alarm', 'alarm.id', 'shelf.alarm')
    .selectAll('shelf')
    .select(['alarm.title_zh', 'alarm.title_en'])
    .select([
      displayNameOf('shelf.shelved_by').as('shelved_by_name'),
      sql<string>`(select count(*) from dipper.alarm silenced where silenced.shelf = shelf.id)`.as('on_it'),
    ]);
}

/** One row more than the page holds, newest first. */
export function listShelves(db: Db, query: PageQuery & ShelfFilter): Promise<ShelfViewRow[]> {
  let select = selectShelves(db)
    .orderBy('shelf.shelved_at', 'desc')
    .orderBy('shelf.id', 'desc')
    .limit(rowLimitOf(query));
  if (query.within !== undefined)
    select = select.where(withinScope(query.within, { estate: 'shelf.estate', place: 'shelf.place' }));
  if (query.ended !== undefined) select = select.where('shelf.ended_at', query.ended ? 'is not' : 'is', null);
  if (query.rule !== undefined) select = select.where('shelf.rule', '=', query.rule);
  if (query.estate !== undefined) select = select.where('shelf.estate', '=', query.estate);
  if (query.place !== undefined) select = select.where('shelf.place', '=', query.place);
  const after = timeCursorOf(query);
  if (after !== undefined) {
    select = select.where(sql<boolean>`(shelf.shelved_at, shelf.id) < (${after.at}, ${after.id}::uuid)`);
  }
  return select.execute();
}

export function findShelves(db: Db | Tx, ids: readonly string[]): Promise<ShelfViewRow[]> {
  return selectShelves(db).where('shelf.id', '=', sql<string>`any(${ids}::uuid[])`).execute();
}

export function shelfFromRow(row: ShelfViewRow): Shelf {
  return {
    id: row.id,
    rule: row.rule,
    alarm: row.alarm,
    title: { zh: row.title_zh, en: row.title_en },
    estate: row.estate,
    place: row.place,
    reason: row.reason,
    shelvedAt: row.shelved_at.toISOString(),
    shelvedBy: row.shelved_by,
    shelvedByName: row.shelved_by_name,
    until: row.until_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    endedBy: row.ended_by,
    endNote: row.end_note,
    silenced: row.ended_at === null ? Number(row.on_it) : row.silenced,
  };
}
