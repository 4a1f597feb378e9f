import { sql } from 'kysely';
import type { AlarmRow } from '../database/schema.ts';
import { clearAlarm } from '../domains/alarm/alarm-clearing.ts';
import type { Response } from '../domains/alarm/response.ts';
import type { ReadyRule } from '../rules/rule-book.ts';

interface KnownRule {
  readonly rule: string;
  readonly key: string;
  readonly clear: string;
}

/**
 * Ends the alarms that no rule can end any more, because their rule is gone, or names or ends its alarms otherwise than
 * when they were raised; and forgets what waits on behalf of rules that are gone. Alarms that clear by time end by
 * themselves, whatever the rules say. Only to be asked when no other copy of the hub goes by other rules.
 */
export async function settleOrphans(response: Response): Promise<void> {
  const { tx, rules, now } = response;
  const { rows: known } = await sql<KnownRule>`select rule, key, clear from dipper.rule_known`.execute(tx);
  const before = new Map(known.map((entry) => [entry.rule, entry]));
  const { rows: disabled } = await sql<{ id: string }>`select id from dipper.rule where not enabled`.execute(tx);
  const off = new Set(disabled.map(({ id }) => id));
  const active = await tx
    .selectFrom('dipper.alarm')
    .selectAll()
    .where('active', '=', true)
    .where('clear_due_at', 'is', null)
    .orderBy('raised_at')
    .forUpdate()
    .execute();
  for (const alarm of active) {
    const why = whyOrphaned(alarm, { ready: rules.find(alarm.rule), known: before.get(alarm.rule), off });
    if (why !== undefined) await clearAlarm(response, alarm, now, undefined, why);
  }
  await rehome(response, before);
  const names = rules.all().map(({ rule }) => rule.id);
  await sql`delete from dipper.rule_timer where rule <> all(${names}::text[])`.execute(tx);
  await remember(response);
}

interface Standing {
  readonly ready: ReadyRule | undefined;
  readonly known: KnownRule | undefined;
  readonly off: ReadonlySet<string>;
}

function whyOrphaned({ rule }: AlarmRow, { ready, known, off }: Standing): string | undefined {
  if (ready === undefined) {
    return off.has(rule) ? `rule ${rule} has been switched off` : `rule ${rule} is not in the rules any more`;
  }
  if (known !== undefined && known.key !== ready.rule.key) return `rule ${rule} names its alarms otherwise now`;
  return undefined;
}

/** Alarms of rules that clear by time since they were changed get a time; those that no longer do lose it. */
async function rehome({ tx, rules }: Response, before: ReadonlyMap<string, KnownRule>): Promise<void> {
  for (const { rule } of rules.all()) {
    const known = before.get(rule.id);
    if (known === undefined || known.clear === clearOf({ rule })) continue;
    const minutes = rule.clear.afterMin ?? null;
    await sql`
      update dipper.alarm set clear_due_at = last_occurred_at + ${minutes}::float8 * interval '1 minute'
       where rule = ${rule.id} and active`.execute(tx);
  }
}

async function remember({ tx, rules }: Response): Promise<void> {
  const all = rules.all();
  const ids = all.map(({ rule }) => rule.id);
  await sql`delete from dipper.rule_known where rule <> all(${ids}::text[])`.execute(tx);
  await sql`
    insert into dipper.rule_known (rule, key, clear)
    select * from unnest(${ids}::text[], ${all.map(({ rule }) => rule.key)}::text[], ${all.map(clearOf)}::text[])
    on conflict (rule) do update set key = excluded.key, clear = excluded.clear`.execute(tx);
}

const clearOf = ({ rule }: Pick<ReadyRule, 'rule'>): string => JSON.stringify(rule.clear);
