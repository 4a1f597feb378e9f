import type { Alarm } from '@dipper/contract/api/alarm';
import type { PageQuery } from '@dipper/contract/api/page';
import { sql } from 'kysely';
import { rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { Db, Tx } from '../../database/pool.ts';
import type { AlarmRow } from '../../database/schema.ts';
import type { AlarmFilter } from '../../services.ts';

const EQUALITIES = ['active', 'rule', 'priority', 'estate', 'place', 'agent', 'device', 'incident'] as const;

/** One row more than the page holds, newest first. Silenced alarms are left out unless asked for by incident. */
export async function listAlarms(db: Db, query: PageQuery & AlarmFilter): Promise<AlarmRow[]> {
  let select = db
    .selectFrom('dipper.alarm')
    .selectAll()
    .orderBy('raised_at', 'desc')
    .orderBy('id', 'desc')
    .limit(rowLimitOf(query));
  for (const column of EQUALITIES) {
    const value = query[column];
    if (value !== undefined) select = select.where(column, '=', value);
  }
  if (query.acknowledged !== undefined) {
    select = select.where('acknowledged_at', query.acknowledged ? 'is not' : 'is', null);
  }
  if (query.incident === undefined) select = select.where('suppressed_by', 'is', null);
  const after = timeCursorOf(query);
  if (after !== undefined) select = select.where(sql<boolean>`(raised_at, id) < (${after.at}, ${after.id}::uuid)`);
  return select.execute();
}

export function findAlarms(db: Db | Tx, ids: readonly string[]): Promise<AlarmRow[]> {
  return db.selectFrom('dipper.alarm').selectAll().where('id', '=', sql<string>`any(${ids}::uuid[])`).execute();
}

/** The row, locked until the transaction ends. */
export function lockAlarm(tx: Tx, id: string): Promise<AlarmRow | undefined> {
  return tx.selectFrom('dipper.alarm').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
}

export async function insertAlarmTransition(
  tx: Tx,
  transition: { alarm: string; what: 'raised' | 'cleared' | 'acknowledged' | 'suppressed' | 'released'; at: Date } & {
    by?: string;
    note?: string | undefined;
  },
): Promise<void> {
  const { by = null, note = null } = transition;
  await tx
    .insertInto('dipper.alarm_transition')
    .values({ alarm: transition.alarm, what: transition.what, at: transition.at, by, note })
    .execute();
}

export function alarmFromRow(row: AlarmRow): Alarm {
  return {
    id: row.id,
    rule: row.rule,
    priority: row.priority,
    title: { zh: row.title_zh, en: row.title_en },
    active: row.active,
    acknowledged: row.acknowledged_at !== null,
    late: row.late,
    occurrences: row.occurrences,
    suppressed: row.suppressed,
    suppressedBy: row.suppressed_by,
    estate: row.estate,
    agent: row.agent,
    device: row.device,
    place: row.place,
    incident: row.incident,
    raisedAt: row.raised_at.toISOString(),
    lastOccurredAt: row.last_occurred_at.toISOString(),
    clearedAt: row.cleared_at?.toISOString() ?? null,
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
    acknowledgedBy: row.acknowledged_by,
    media: row.media,
  };
}
