import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { AlarmRow } from '../../database/schema.ts';
import type { Rule } from '../../rules/rule.ts';
import type { ReadyRule } from '../../rules/rule-book.ts';
import { keepsFacts } from '../../rules/rule-terms.ts';
import type { Subject } from '../../rules/subject.ts';
import { insertAlarmTransition } from './alarm.repository.ts';
import { respondTo } from './alarm-responding.ts';
import { findSilence, isHeard, noteSilence } from './alarm-silencing.ts';
import type { Response } from './response.ts';

/** An event this old when it comes tells of something that is over: its alarm is marked, and makes no sound. */
const LATE_MS = 3_600_000;

/**
 * Raises the alarm of a rule for a subject, with its incident and case.
 *
 * @param overAt when what the subject tells of ended, if that is known already: the alarm is cleared from the start
 * @returns the alarm's id
 */
export async function raiseAlarm(
  response: Response,
  { rule }: ReadyRule,
  key: string,
  subject: Subject,
  overAt?: Date,
): Promise<string> {
  const { tx, changes, now } = response;
  const suppressor = overAt === undefined ? await findSuppressor(response, rule, subject) : undefined;
  const silence = await findSilence(response, rule, key, subject);
  const late = overAt !== undefined || subject.receivedAt.getTime() - subject.occurredAt.getTime() > LATE_MS;
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
      late,
      safety_critical: rule.safetyCritical === true,
      chattering: !late && (await isChattering(response, rule, key, subject.occurredAt)),
      estate: subject.estate,
      agent: subject.agent,
      device: subject.device,
      place: subject.place,
      incident: null,
      suppressed_by: suppressor ?? null,
      ...silence,
      announced_at: null,
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
  if (!alarm.inserted) {
    changes.updated('alarm', alarm.id);
    return alarm.id;
  }
  changes.created('alarm', alarm.id);
  await insertAlarmTransition(tx, { alarm: alarm.id, what: 'raised', at: now });
  if (suppressor !== undefined) {
    await insertAlarmTransition(tx, { alarm: alarm.id, what: 'suppressed', at: now });
    await countSuppressed(response, suppressor, 1);
  }
  await noteSilence(response, alarm.id, silence);
  if (overAt !== undefined) await insertAlarmTransition(tx, { alarm: alarm.id, what: 'cleared', at: now });
  if (isHeard(alarm)) await respondTo(response, alarm);
  if (rule.suppressesDevices === true && alarm.active && suppressor === undefined)
    await silenceDevices(response, alarm);
  return alarm.id;
}

/** When an alarm clears by itself; null for rules that clear otherwise, or whose facts say when. */
export function clearDueAt(rule: Rule, occurredAt: Date): Date | null {
  return rule.clear.afterMin === undefined || keepsFacts(rule)
    ? null
    : new Date(occurredAt.getTime() + rule.clear.afterMin * 60_000);
}

/** Whether this is one raise too many within a short time; counted by when things occurred, which no delivery changes. */
async function isChattering({ tx, rules }: Response, rule: Rule, key: string, at: Date): Promise<boolean> {
  const { raises, withinSec } = rules.thresholds.chatter;
  const before = await tx
    .selectFrom('dipper.alarm')
    .select('id')
    .where('rule', '=', rule.id)
    .where('key', '=', key)
    .where('raised_at', '>', new Date(at.getTime() - withinSec * 1_000))
    .where('raised_at', '<=', at)
    .limit(raises - 1)
    .execute();
  return before.length === raises - 1;
}

/** The active alarm that silences what this rule would say; critical alarms are never silenced (ISA-18.2 clause 11). */
async function findSuppressor({ tx, rules }: Response, rule: Rule, subject: Subject): Promise<string | undefined> {
  if (rule.priority === 'critical' || rule.safetyCritical === true) return undefined;
  if (subject.device === null || rules.suppressing.length === 0) return undefined;
  const found = await tx
    .selectFrom('dipper.alarm')
    .select('id')
    .where('agent', '=', subject.agent)
    .where('rule', 'in', rules.suppressing)
    .where('active', '=', true)
    // One that another transaction is clearing silences nothing: what it has released already would be missed.
    .forNoKeyUpdate()
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
    .where('safety_critical', '=', false)
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
