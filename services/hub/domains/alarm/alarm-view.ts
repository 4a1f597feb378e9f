import type { Alarm } from '@dipper/contract/api/alarm';
import { sql } from 'kysely';
import type { Db, Tx } from '../../database/pool.ts';
import type { AlarmRow } from '../../database/schema.ts';
import { isHeard } from './alarm-silencing.ts';
import { type AlarmThresholds, staleBefore } from './alarm-thresholds.ts';
import { displayNameOf } from './display-name.ts';

/** An alarm with what is said of it elsewhere. */
export type AlarmViewRow = AlarmRow & {
  readonly acknowledged_by_name: string | null;
  readonly shelved_until: Date | null;
};

/** Alarms as people see them, to be narrowed and sorted. */
export function selectAlarmViews(db: Db | Tx) {
  return db
    .selectFrom('dipper.alarm')
    .selectAll('dipper.alarm')
    .select([
      displayNameOf('acknowledged_by').as('acknowledged_by_name'),
      sql<Date | null>`(select until_at from dipper.alarm_shelf shelf
                         where shelf.id = dipper.alarm.shelf and shelf.ended_at is null)`.as('shelved_until'),
    ]);
}

export type AlarmViewOf = (row: AlarmViewRow) => Alarm;

/** @param now by the hub's clock: an alarm becomes stale while nothing happens */
export function createAlarmView(thresholds: AlarmThresholds, now: () => number): AlarmViewOf {
  return (row) => ({
    id: row.id,
    rule: row.rule,
    priority: row.priority,
    safetyCritical: row.safety_critical,
    title: { zh: row.title_zh, en: row.title_en },
    active: row.active,
    acknowledged: row.acknowledged_at !== null,
    late: row.late,
    occurrences: row.occurrences,
    suppressed: row.suppressed,
    suppressedBy: row.suppressed_by,
    shelf: row.shelf,
    shelvedUntil: row.shelved_until?.toISOString() ?? null,
    outOfService: row.out_of_service,
    chattering: row.chattering,
    stale: row.active && isHeard(row) && row.raised_at < staleBefore(thresholds, new Date(now())),
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
    acknowledgedByName: row.acknowledged_by_name,
    media: row.media,
  });
}
