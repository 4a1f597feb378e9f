import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import type { Subject } from '../rules/subject.ts';
import { type StoredSubject, subjectFrom } from './rule-fact.repository.ts';

/** An alarm that waits for its on-delay to pass. */
export interface Delay {
  readonly rule: string;
  readonly key: string;
  readonly subject: Subject;
}

/** Since when something waits; undefined when nothing does. */
export async function findDelay(tx: Tx, rule: string, key: string): Promise<Date | undefined> {
  const row = await tx
    .selectFrom('dipper.alarm_delay')
    .select('occurred_at')
    .where('rule', '=', rule)
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.occurred_at;
}

export async function putDelay(tx: Tx, rule: string, key: string, subject: Subject, dueAt: Date): Promise<void> {
  await tx
    .insertInto('dipper.alarm_delay')
    .values({ rule, key, occurred_at: subject.occurredAt, due_at: dueAt, trigger: JSON.stringify(subject) })
    .onConflict((conflict) => conflict.columns(['rule', 'key']).doNothing())
    .execute();
}

/** Forgets what waited, if it began no later than what clears it; answers what it was. */
export async function dropDelay(tx: Tx, rule: string, key: string, clearedAt: Date): Promise<Subject | undefined> {
  const { rows } = await sql<{ trigger: StoredSubject }>`
    delete from dipper.alarm_delay
     where rule = ${rule} and key = ${key} and occurred_at <= ${clearedAt} returning trigger`.execute(tx);
  return rows[0] && subjectFrom(rows[0].trigger);
}

/** Takes those whose time has come. */
export async function takeDueDelays(tx: Tx, now: Date, limit: number): Promise<Delay[]> {
  const { rows } = await sql<{ rule: string; key: string; trigger: StoredSubject }>`
    delete from dipper.alarm_delay
     where (rule, key) in (select rule, key from dipper.alarm_delay where due_at <= ${now}
                            order by due_at limit ${limit} for update skip locked)
    returning rule, key, trigger`.execute(tx);
  return rows.map(({ rule, key, trigger }) => ({
    rule,
    key,
    subject: subjectFrom(trigger),
  }));
}
