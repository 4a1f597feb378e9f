import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { AlarmRow } from '../../database/schema.ts';
import type { Rule } from '../../rules/rule.ts';
import type { ReadyRule } from '../../rules/rule-book.ts';
import type { Subject } from '../../rules/subject.ts';
import { openCaseOnce } from '../case/case-opening.ts';
import { joinIncident } from '../incident/incident-grouping.ts';
import { insertAlarmTransition } from './alarm.repository.ts';
import type { Response } from './response.ts';

/** An event this old when it comes tells of something that is over: its alarm is marked, and makes no sound. */
const LATE_MS = 3_600_000;

/**
 * Raises the alarm of a rule for a subject, with its incident and case.
 *
 * @param overAt when what the subject tells of ended, if that is known already: the alarm is cleared from the start
 */
export async function raiseAlarm(
  response: Response,
  { rule }: ReadyRule,
  key: string,
  subject: Subject,
  overAt?: Date,
): Promise<void> {
  const { tx, changes, now } = response;
  const suppressor = overAt === undefined ? await findSuppressor(response, rule, subject) : undefined;
  const title = response.rules.textFor(rule.title, subject);
  const alarm = await tx
    .insertInto('dipper.alarm')
    .values({
      id: randomUUID(),
      rule: rule.id,
      key,
      priority: rule.priority,
      title_zh: title.zh,
      title_en: title.en,
      active: overAt === undefined,
      late: overAt !== undefined || subject.receivedAt.getTime() - subject.occurredAt.getTime() > LATE_MS,
      estate: subject.estate,
      agent: subject.agent,
      device: subject.device,
      place: subject.place,
      incident: null,
      suppressed_by: suppressor ?? null,
      raised_at: subject.occurredAt,
      last_occurred_at: subject.occurredAt,
      clear_due_at: overAt === undefined ? clearDueAt(rule, subject.occurredAt) : null,
      cleared_at: overAt ?? null,
      acknowledged_at: null,
      acknowledged_by: null,
      media: subject.data['media'] === undefined ? null : JSON.stringify(subject.data['media']),
    })
    // Another agent may raise the same key at this moment: then its alarm is the one.
    .onConflict((conflict) =>
      conflict
        .columns(['rule', 'key'])
        .where('active', '=', true)
        .doUpdateSet({ occurrences: sql`dipper.alarm.occurrences + 1` }),
    )
    .returningAll()
    .returning(sql<boolean>`xmax = 0`.as('inserted'))
    .executeTakeFirstOrThrow();
  if (!alarm.inserted) return changes.updated('alarm', alarm.id);
  changes.created('alarm', alarm.id);
  await insertAlarmTransition(tx, { alarm: alarm.id, what: 'raised', at: now });
  if (suppressor !== undefined) {
    await insertAlarmTransition(tx, { alarm: alarm.id, what: 'suppressed', at: now });
    await countSuppressed(response, suppressor, 1);
    return;
  }
  if (overAt !== undefined) await insertAlarmTransition(tx, { alarm: alarm.id, what: 'cleared', at: now });
  await respondTo(response, alarm);
  if (rule.suppressesDevices === true && alarm.active) await silenceDevices(response, alarm);
}

/** What follows from an alarm that people shall hear of: its incident, and the incident's case. */
export async function respondTo(response: Response, alarm: AlarmRow): Promise<void> {
  const incident = await joinIncident(response, alarm);
  await response.tx.updateTable('dipper.alarm').set({ incident }).where('id', '=', alarm.id).execute();
  const template = response.rules.find(alarm.rule)?.rule.case;
  if (template !== undefined) await openCaseOnce(response, incident, template, alarm);
}

/** When an alarm clears by itself; null for rules that clear otherwise. */
export function clearDueAt(rule: Rule, occurredAt: Date): Date | null {
  return rule.clear.afterMin === undefined ? null : new Date(occurredAt.getTime() + rule.clear.afterMin * 60_000);
}

/** The active alarm that silences what this rule would say; critical alarms are never silenced (ISA-18.2 §11.8). */
async function findSuppressor({ tx, rules }: Response, rule: Rule, subject: Subject): Promise<string | undefined> {
  if (rule.priority === 'critical' || subject.device === null || rules.suppressing.length === 0) return undefined;
  const found = await tx
    .selectFrom('dipper.alarm')
    .select('id')
    .where('agent', '=', subject.agent)
    .where('rule', 'in', rules.suppressing)
    .where('active', '=', true)
    .executeTakeFirst();
  return found?.id;
}

/** An agent that is gone can tell nothing of its devices: what was said about them is silenced, and counted. */
async function silenceDevices(response: Response, suppressor: AlarmRow): Promise<void> {
  const { tx, changes, now } = response;
  const silenced = await tx
    .updateTable('dipper.alarm')
    .set({ suppressed_by: suppressor.id })
    .where('agent', '=', suppressor.agent)
    .where('device', 'is not', null)
    .where('active', '=', true)
    .where('priority', '<>', 'critical')
    .where('suppressed_by', 'is', null)
    .returning('id')
    .execute();
  for (const { id } of silenced) {
    changes.updated('alarm', id);
    await insertAlarmTransition(tx, { alarm: id, what: 'suppressed', at: now });
  }
  if (silenced.length > 0) await countSuppressed(response, suppressor.id, silenced.length);
}

async function countSuppressed({ tx, changes }: Response, suppressor: string, count: number): Promise<void> {
  await tx
    .updateTable('dipper.alarm')
    .set({ suppressed: sql`suppressed + ${count}` })
    .where('id', '=', suppressor)
    .execute();
  changes.updated('alarm', suppressor);
}
