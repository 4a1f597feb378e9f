import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import type { Subject } from '../rules/subject.ts';

/**
 * Notes that a rule was told something about a key.
 * @returns the newest time it was ever told about, this one included
 */
export async function tellRule(tx: Tx, rule: string, key: string, occurredAt: Date): Promise<Date> {
  const { rows } = await sql<{ last_at: Date }>`
    insert into dipper.rule_state as known (rule, key, last_at) values (${rule}, ${key}, ${occurredAt})
    on conflict (rule, key) do update set last_at = greatest(known.last_at, excluded.last_at)
    returning last_at`.execute(tx);
  return rows[0]?.last_at ?? occurredAt;
}

/** An alarm that waits for its on-delay to pass. */
export interface Delay {
  readonly rule: string;
  readonly key: string;
  readonly subject: Subject;
}

export async function hasDelay(tx: Tx, rule: string, key: string): Promise<boolean> {
  const row = await tx
    .selectFrom('dipper.alarm_delay')
    .select('rule')
    .where('rule', '=', rule)
    .where('key', '=', key)
    .executeTakeFirst();
  return row !== undefined;
}

export async function putDelay(tx: Tx, rule: string, key: string, subject: Subject, dueAt: Date): Promise<void> {
  await tx
    .insertInto('dipper.alarm_delay')
    .values({ rule, key, occurred_at: subject.occurredAt, due_at: dueAt, trigger: JSON.stringify(subject) })
    .onConflict((conflict) => conflict.columns(['rule', 'key']).doNothing())
    .execute();
}

/** Forgets what waited, if it began no later than what clears it. */
export async function dropDelay(tx: Tx, rule: string, key: string, clearedAt: Date): Promise<void> {
  await tx
    .deleteFrom('dipper.alarm_delay')
    .where('rule', '=', rule)
    .where('key', '=', key)
    .where('occurred_at', '<=', clearedAt)
    .execute();
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
    subject: { ...trigger, occurredAt: new Date(trigger.occurredAt), receivedAt: new Date(trigger.receivedAt) },
  }));
}

type StoredSubject = Omit<Subject, 'occurredAt' | 'receivedAt'> & { occurredAt: string; receivedAt: string };
