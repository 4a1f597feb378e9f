import type { AlarmTransitionKind } from '@dipper/contract/api/alarm-transition';
import { type ExpressionBuilder, sql } from 'kysely';
import type { AlarmRow, Database } from '../../database/schema.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Subject } from '../../rules/subject.ts';
import { insertAlarmTransition } from './alarm.repository.ts';
import { respondTo } from './alarm-responding.ts';
import type { Response } from './response.ts';

/** The two ways in which people keep alarms from being announced, as columns of the alarm. */
export type SilenceColumn = 'shelf' | 'out_of_service';

const BEGINS = { shelf: 'shelved', out_of_service: 'taken-out-of-service' } as const satisfies Record<
  SilenceColumn,
  AlarmTransitionKind
>;
const ENDS = { shelf: 'unshelved', out_of_service: 'returned-to-service' } as const satisfies Record<
  SilenceColumn,
  AlarmTransitionKind
>;

/** What keeps an alarm from being announced; each by its id. */
export interface Silence {
  readonly shelf: string | null;
  readonly out_of_service: string | null;
}

/** Whether people hear of an alarm. */
export function isHeard(alarm: Pick<AlarmRow, 'suppressed_by' | SilenceColumn>): boolean {
  return alarm.suppressed_by === null && alarm.shelf === null && alarm.out_of_service === null;
}

/** What people have decided to silence of a rule, for a key and a device. Safety-critical alarms are always heard. */
export async function findSilence({ tx }: Response, rule: Rule, key: string, subject: Subject): Promise<Silence> {
  if (rule.safetyCritical === true) return { shelf: null, out_of_service: null };
  const { rows } = await sql<Silence>`
    select (select id from dipper.alarm_shelf
             where rule = ${rule.id} and key = ${key} and ended_at is null) as shelf,
           (select id from dipper.out_of_service
             where ended_at is null and (rule = ${rule.id} or device = ${subject.device}) limit 1) as out_of_service`.execute(
    tx,
  );
  return rows[0] ?? { shelf: null, out_of_service: null };
}

/** Notes in the alarm's history what silences it from the start. */
export async function noteSilence({ tx, now }: Response, alarm: string, silence: Silence): Promise<void> {
  for (const column of ['shelf', 'out_of_service'] as const) {
    if (silence[column] !== null) await insertAlarmTransition(tx, { alarm, what: BEGINS[column], at: now });
  }
}

/** Somebody's decision about alarms. */
export interface Decision {
  readonly id: string;
  /** Account name; null where the clock decided. */
  readonly by: string | null;
  readonly note: string | null;
}

/** Silences the alarms that still need somebody: active or not acknowledged, and not critical to safety. */
export async function silenceAlarms(
  { tx, changes, now }: Response,
  column: SilenceColumn,
  decision: Decision,
  which: (eb: ExpressionBuilder<Database, 'dipper.alarm'>) => ReturnType<typeof eb.and>,
): Promise<void> {
  const silenced = await tx
    .updateTable('dipper.alarm')
    .set({ [column]: decision.id })
    .where(which)
    .where(({ or, eb }) => or([eb('active', '=', true), eb('acknowledged_at', 'is', null)]))
    .where('safety_critical', '=', false)
    .where(column, 'is', null)
    .returning('id')
    .execute();
  for (const { id } of silenced) {
    changes.updated('alarm', id);
    await insertAlarmTransition(tx, { alarm: id, what: BEGINS[column], at: now, by: decision.by, note: decision.note });
  }
}

/**
 * Lets those be heard again that still last, and those that had been announced before. What came and went meanwhile
 * stays silent: nobody can answer it any more.
 *
 * @returns how many alarms were silenced until now
 */
export async function releaseAlarms(response: Response, column: SilenceColumn, decision: Decision): Promise<number> {
  const { tx, changes, now } = response;
  const { silenced } = await tx
    .selectFrom('dipper.alarm')
    .select(({ fn }) => fn.countAll<string>().as('silenced'))
    .where(column, '=', decision.id)
    .executeTakeFirstOrThrow();
  const released = await tx
    .updateTable('dipper.alarm')
    .set({ [column]: null })
    .where(column, '=', decision.id)
    .where(({ or, eb }) => or([eb('active', '=', true), eb('announced_at', 'is not', null)]))
    .returningAll()
    .execute();
  for (const alarm of released) {
    changes.updated('alarm', alarm.id);
    await insertAlarmTransition(tx, {
      alarm: alarm.id,
      what: ENDS[column],
      at: now,
      by: decision.by,
      note: decision.note,
    });
    await respondWhenHeard(response, alarm);
  }
  return Number(silenced);
}

/** What should have followed when it was raised follows once nothing silences it any more, if it still lasts. */
export async function respondWhenHeard(response: Response, alarm: AlarmRow): Promise<void> {
  if (alarm.active && alarm.incident === null && isHeard(alarm)) await respondTo(response, alarm);
}
