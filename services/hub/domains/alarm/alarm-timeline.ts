import { type RawBuilder, sql } from 'kysely';
import type { AlarmRow } from '../../database/schema.ts';
import type { Rule } from '../../rules/rule.ts';
import type { ReadyRule } from '../../rules/rule-book.ts';
import { clearAlarm } from './alarm-clearing.ts';
import { clearDueAt } from './alarm-raising.ts';
import type { Response } from './response.ts';

/**
 * Events of one agent come in order, but live events overtake a backlog, so the past of a key is told piece by piece.
 * Whatever the order, the same alarms come of it: each lasts from its first event to its end, and an event belongs to
 * the alarm in whose time it lies.
 */

/** Folds what occurred at an instant into the active alarm of a rule and key, if it belongs there. Whether it did. */
export function foldIntoActive(response: Response, ready: ReadyRule, key: string, at: Date): Promise<boolean> {
  return fold(response, ready, key, at, sql<boolean>`active and ${belongsToActive(ready.rule, at)}`);
}

/** Folds what occurred at an instant into an alarm that is over and lasted then. Whether there was one. */
export function foldIntoEnded(response: Response, ready: ReadyRule, key: string, at: Date): Promise<boolean> {
  const from = new Date(at.getTime() + windowMs(ready.rule));
  return fold(response, ready, key, at, sql<boolean>`not active and raised_at <= ${from} and cleared_at > ${at}`);
}

/** Alarms that clear by time take in what came shortly before their first event; those that wait for a hand, everything. */
function belongsToActive(rule: Rule, at: Date): RawBuilder<boolean> {
  if (rule.clear.byHand === true) return sql`true`;
  const from = new Date(at.getTime() + windowMs(rule));
  return sql`raised_at <= ${from} and (clear_due_at is null or clear_due_at >= ${at})`;
}

function windowMs(rule: Rule): number {
  return (rule.clear.afterMin ?? 0) * 60_000;
}

async function fold(
  { tx, changes }: Response,
  { rule }: ReadyRule,
  key: string,
  at: Date,
  which: RawBuilder<boolean>,
): Promise<boolean> {
  const due = clearDueAt(rule, at);
  const { rows } = await sql<Pick<AlarmRow, 'id' | 'incident' | 'raised_at' | 'last_occurred_at'>>`
    update dipper.alarm set
      occurrences = occurrences + 1,
      raised_at = least(raised_at, ${at}),
      last_occurred_at = greatest(last_occurred_at, ${at}),
      clear_due_at = case when active then greatest(clear_due_at, ${due}::timestamptz) end
    where id = (select id from dipper.alarm where rule = ${rule.id} and key = ${key} and ${which}
                 order by raised_at desc limit 1 for update)
    returning id, incident, raised_at, last_occurred_at`.execute(tx);
  const [folded] = rows;
  if (folded === undefined) return false;
  changes.updated('alarm', folded.id);
  if (folded.incident !== null) {
    const moved = await tx
      .updateTable('dipper.incident')
      .set({
        started_at: sql<Date>`least(started_at, ${folded.raised_at})`,
        last_at: sql<Date>`greatest(last_at, ${folded.last_occurred_at})`,
      })
      .where('id', '=', folded.incident)
      .where(({ or, eb }) => or([eb('started_at', '>', folded.raised_at), eb('last_at', '<', folded.last_occurred_at)]))
      .returning('id')
      .executeTakeFirst();
    if (moved !== undefined) changes.updated('incident', folded.incident);
  }
  return true;
}

/** Clears the active alarm if its time was up before an instant, though the clock has not come to it yet. */
export async function expireBefore(response: Response, { rule }: ReadyRule, key: string, at: Date): Promise<void> {
  if (rule.clear.afterMin === undefined) return;
  const expired = await response.tx
    .selectFrom('dipper.alarm')
    .selectAll()
    .where('rule', '=', rule.id)
    .where('key', '=', key)
    .where('active', '=', true)
    .where('clear_due_at', '<', at)
    .forUpdate()
    .executeTakeFirst();
  if (expired?.clear_due_at != null) await clearAlarm(response, expired, expired.clear_due_at);
}

/**
 * When something that began at an instant was over, if that is known: after its time, at the latest when the next alarm
 * of the key began.
 */
export async function findEnd(
  response: Response,
  { rule }: ReadyRule,
  key: string,
  at: Date,
): Promise<Date | undefined> {
  const { tx, now } = response;
  const { rows } = await sql<{ next: Date | null }>`
    select min(raised_at) as next from dipper.alarm
     where rule = ${rule.id} and key = ${key} and raised_at > ${at}`.execute(tx);
  const next = rows[0]?.next ?? undefined;
  const due = clearDueAt(rule, at);
  if (due === null) return next;
  return due <= now || next !== undefined ? due : undefined;
}
