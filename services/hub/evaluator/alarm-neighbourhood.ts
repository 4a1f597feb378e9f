import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import type { AlarmRow } from '../database/schema.ts';
import type { RuleKey } from './rule-fact.repository.ts';

/**
 * Until when something new at an instant can change anything: the end of an alarm that began after it and ended out of
 * its reach. What ended that one ends whatever lasts by then, so all is as it was from there on. Undefined where there is
 * no such alarm: everything since has to be looked at.
 */
export async function settledAfter(
  tx: Tx,
  { rule, key }: RuleKey,
  at: Date,
  reachMs: number,
): Promise<Date | undefined> {
  const { rows } = await sql<{ cleared_at: Date }>`
    select cleared_at from dipper.alarm
     where rule = ${rule} and key = ${key} and raised_at > ${at} and not active and cleared_at > raised_at
       and cleared_at > ${new Date(at.getTime() + 2 * reachMs)}
     order by raised_at limit 1`.execute(tx);
  return rows[0]?.cleared_at;
}

/** The alarms of a key that lasted or began between two instants, the earliest first, locked. Also what was taken back. */
export async function lockAlarmsBetween(
  tx: Tx,
  { rule, key }: RuleKey,
  from: Date,
  until: Date | undefined,
): Promise<AlarmRow[]> {
  const ofKey = tx.selectFrom('dipper.alarm').selectAll().where('rule', '=', rule).where('key', '=', key).forUpdate();
  // One at most lasted then: alarms of a key do not overlap.
  const before = await ofKey
    .where('raised_at', '<', from)
    .where(({ or, eb }) => or([eb('active', '=', true), eb('cleared_at', '>', eb.ref('raised_at'))]))
    .orderBy('raised_at', 'desc')
    .limit(1)
    .execute();
  let since = ofKey.where('raised_at', '>=', from).orderBy('raised_at');
  if (until !== undefined) since = since.where('raised_at', '<=', until);
  const lasting = before.filter(({ active, cleared_at }) => active || (cleared_at !== null && cleared_at > from));
  return [...lasting, ...(await since.execute())];
}
