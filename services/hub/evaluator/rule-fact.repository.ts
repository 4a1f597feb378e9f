import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import type { Fact } from '../rules/episodes.ts';
import type { Subject } from '../rules/subject.ts';

/** A rule's key: what its facts, its timer and its alarms belong to. */
export interface RuleKey {
  readonly rule: string;
  readonly key: string;
}

/** One transaction at a time works on a key. */
export async function lockKey(tx: Tx, { rule, key }: RuleKey): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`rule ${rule} ${key}`}, 0))`.execute(tx);
}

/** Whether it was new. */
export async function putFact(tx: Tx, { rule, key }: RuleKey, kind: Fact['kind'], subject: Subject): Promise<boolean> {
  const { rows } = await sql`
    insert into dipper.rule_fact (rule, key, kind, at, source, subject)
    values (${rule}, ${key}, ${kind}, ${subject.occurredAt}, ${subject.event ?? subject.type},
            ${kind === 'trigger' ? JSON.stringify(remembered(subject)) : null}::jsonb)
    on conflict do nothing returning 1`.execute(tx);
  return rows.length > 0;
}

/** What an alarm needs of its subject. */
function remembered(subject: Subject): Subject {
  const media = subject.data['media'];
  return { ...subject, data: media === undefined ? {} : { media } };
}

export async function listFacts(tx: Tx, { rule, key }: RuleKey, from: Date, until: Date | undefined): Promise<Fact[]> {
  const { rows } = await sql<{ kind: Fact['kind']; at: Date }>`
    select kind, at from dipper.rule_fact
     where rule = ${rule} and key = ${key} and at >= ${from}
       and at <= coalesce(${until ?? null}::timestamptz, 'infinity')`.execute(tx);
  return rows.map(({ kind, at }) => ({ kind, at: at.getTime() }));
}

export async function countTriggers(tx: Tx, { rule, key }: RuleKey, from: Date, until: Date | null): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) from dipper.rule_fact
     where rule = ${rule} and key = ${key} and kind = 'trigger' and at >= ${from}
       and at <= coalesce(${until}::timestamptz, 'infinity')`.execute(tx);
  return Number(rows[0]?.count ?? 0);
}

/** The last trigger before an instant. */
export async function signBefore(tx: Tx, { rule, key }: RuleKey, at: Date): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select max(at) as at from dipper.rule_fact
     where rule = ${rule} and key = ${key} and kind = 'trigger' and at < ${at}`.execute(tx);
  return rows[0]?.at ?? undefined;
}

/** The first trigger after an instant. */
export async function signAfter(tx: Tx, { rule, key }: RuleKey, at: Date): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(at) as at from dipper.rule_fact
     where rule = ${rule} and key = ${key} and kind = 'trigger' and at > ${at}`.execute(tx);
  return rows[0]?.at ?? undefined;
}

/** What an alarm that begins at an instant is raised for: the last trigger until then, else the first after it. */
export async function subjectAt(tx: Tx, { rule, key }: RuleKey, at: Date): Promise<Subject | undefined> {
  const { rows } = await sql<{ subject: StoredSubject }>`
    (select subject, 0 as rank from dipper.rule_fact
      where rule = ${rule} and key = ${key} and kind = 'trigger' and at <= ${at} order by at desc, source limit 1)
    union all
    (select subject, 1 as rank from dipper.rule_fact
      where rule = ${rule} and key = ${key} and kind = 'trigger' and at > ${at} order by at, source limit 1)
    order by rank limit 1`.execute(tx);
  const [row] = rows;
  return row === undefined ? undefined : subjectFrom(row.subject);
}

type StoredSubject = Omit<Subject, 'occurredAt' | 'receivedAt'> & { occurredAt: string; receivedAt: string };

function subjectFrom(stored: StoredSubject): Subject {
  return { ...stored, occurredAt: new Date(stored.occurredAt), receivedAt: new Date(stored.receivedAt) };
}

/**
 * Sets when a key is looked at next. One that is due already and was not looked at yet stays: what waits there lies
 * further back than what was looked at now.
 */
export async function setTimer(tx: Tx, { rule, key }: RuleKey, dueAt: Date | undefined, now: Date): Promise<void> {
  if (dueAt === undefined) {
    await sql`delete from dipper.rule_timer where rule = ${rule} and key = ${key} and due_at > ${now}`.execute(tx);
    return;
  }
  await sql`
    insert into dipper.rule_timer as known (rule, key, due_at) values (${rule}, ${key}, ${dueAt})
    on conflict (rule, key) do update
      set due_at = case when known.due_at <= ${now} then known.due_at else excluded.due_at end`.execute(tx);
}

/** Takes the timers of some rules that are due, the oldest first. Another copy of the hub may know the other rules. */
export async function takeDueTimers(
  tx: Tx,
  now: Date,
  rules: readonly string[],
  limit: number,
): Promise<(RuleKey & { dueAt: Date })[]> {
  const { rows } = await sql<RuleKey & { due_at: Date }>`
    delete from dipper.rule_timer
     where (rule, key) in (select rule, key from dipper.rule_timer
                            where due_at <= ${now} and rule = any(${rules}::text[])
                            order by due_at limit ${limit} for update skip locked)
    returning rule, key, due_at`.execute(tx);
  return rows
    .map(({ rule, key, due_at }) => ({ rule, key, dueAt: due_at }))
    .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
}
