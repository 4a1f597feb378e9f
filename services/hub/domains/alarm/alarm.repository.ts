import type { AlarmTransition, AlarmTransitionKind } from '@dipper/contract/api/alarm-transition';
import type { PageQuery } from '@dipper/contract/api/page';
import { sql } from 'kysely';
import { rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { Db, Tx } from '../../database/pool.ts';
import type { AlarmRow } from '../../database/schema.ts';
import { withinScope } from '../../scope/scope.ts';
import type { AlarmFilter } from '../../services.ts';
import { type AlarmViewRow, selectAlarmViews } from './alarm-view.ts';
import { displayNameOf } from './display-name.ts';

const EQUALITIES = [
  'active',
  'rule',
  'priority',
  'estate',
  'place',
  'agent',
  'device',
  'incident',
  'chattering',
] as const;
/** Filters on what keeps an alarm from being announced; asking for one of them shows what lists leave out. */
const SILENCES = { suppressed: 'suppressed_by', shelved: 'shelf', outOfService: 'out_of_service' } as const;

const IS_HEARD = sql<boolean>`(suppressed_by is null and shelf is null and out_of_service is null)`;

/**
 * One row more than the page holds, newest first. Silenced alarms are left out unless asked for, or asked for by
 * incident; asked for means those that are silenced now, not those that came and went under a silence that has ended.
 */
export async function listAlarms(db: Db, query: PageQuery & AlarmFilter, staleBefore: Date): Promise<AlarmViewRow[]> {
  let select = selectAlarmViews(db).orderBy('raised_at', 'desc').orderBy('id', 'desc').limit(rowLimitOf(query));
  for (const column of EQUALITIES) {
    const value = query[column];
    if (value !== undefined) select = select.where(column, '=', value);
  }
  if (query.within !== undefined)
    select = select.where(withinScope(query.within, { estate: 'dipper.alarm.estate', place: 'dipper.alarm.place' }));
  if (query.acknowledged !== undefined) {
    select = select.where('acknowledged_at', query.acknowledged ? 'is not' : 'is', null);
  }
  if (query.safetyCritical !== undefined) select = select.where('safety_critical', '=', query.safetyCritical);
  if (query.stale !== undefined) {
    select = select.where(sql<boolean>`(active and raised_at < ${staleBefore} and ${IS_HEARD})`, '=', query.stale);
  }
  for (const [filter, column] of Object.entries(SILENCES) as [keyof typeof SILENCES, 'shelf'][]) {
    if (query[filter] === undefined) continue;
    select = select.where(column, query[filter] ? 'is not' : 'is', null);
  }
  const asked = [query.suppressed, query.shelved, query.outOfService].includes(true);
  if (!asked && query.incident === undefined) select = select.where(IS_HEARD);
  if (query.shelved === true) {
    select = select.where(
      sql<boolean>`exists (select from dipper.alarm_shelf s where s.id = shelf and s.ended_at is null)`,
    );
  }
  if (query.outOfService === true) {
    select = select.where(
      sql<boolean>`exists (select from dipper.out_of_service o where o.id = out_of_service and o.ended_at is null)`,
    );
  }
  const after = timeCursorOf(query);
  if (after !== undefined) select = select.where(sql<boolean>`(raised_at, id) < (${after.at}, ${after.id}::uuid)`);
  return select.execute();
}

export function findAlarms(db: Db | Tx, ids: readonly string[]): Promise<AlarmViewRow[]> {
  return selectAlarmViews(db).where('id', '=', sql<string>`any(${ids}::uuid[])`).execute();
}

/** The row, locked until the transaction ends. */
export function lockAlarm(tx: Tx, id: string): Promise<AlarmRow | undefined> {
  return tx.selectFrom('dipper.alarm').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
}

export async function insertAlarmTransition(
  tx: Tx,
  transition: {
    readonly alarm: string;
    readonly what: AlarmTransitionKind;
    readonly at: Date;
    readonly by?: string | null;
    readonly note?: string | null | undefined;
  },
): Promise<void> {
  const { by = null, note = null } = transition;
  await tx
    .insertInto('dipper.alarm_transition')
    .values({ alarm: transition.alarm, what: transition.what, at: transition.at, by, note })
    .execute();
}

/** In the order in which they happened. */
export async function listAlarmTransitions(db: Db, alarm: string): Promise<AlarmTransition[]> {
  const rows = await db
    .selectFrom('dipper.alarm_transition')
    .select(['what', 'at', 'by', 'note'])
    .select(displayNameOf('by').as('by_name'))
    .where('alarm', '=', alarm)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    what: row.what,
    at: row.at.toISOString(),
    by: row.by,
    byName: row.by_name,
    note: row.note,
  }));
}
