import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import type { DataClass, Removal } from '../../retention/data-class.ts';
import { stopGrouping } from '../incident/grouping-gate.ts';

/** Alarms in one transaction; no alarm is raised meanwhile. */
const PER_SLICE = 500;

/**
 * Alarms with all that was done to them, by the time since they ended. What still lasts stays, however old, and with it what it
 * silences and the shelf that silences it; so do the alarms of an incident that is open or has become a case that is still kept.
 * An incident goes with its last alarm, unless people have regrouped it: what they did is never changed.
 */
export const ALARM_RETENTION: DataClass = {
  name: 'alarm',
  async findOldest(tx) {
    const { rows } = await sql<{ at: Date }>`
      select cleared_at as at from dipper.alarm where cleared_at is not null and not active
       order by cleared_at limit 1`.execute(tx);
    return rows[0]?.at;
  },
  async measureBytes(tx) {
    const { rows } = await sql<{ bytes: string }>`
      select pg_total_relation_size('dipper.alarm') + pg_total_relation_size('dipper.alarm_transition')
             + pg_total_relation_size('dipper.incident') as bytes`.execute(tx);
    return Number(rows[0]?.bytes ?? 0);
  },
  async removeNext(tx, before) {
    if ((await findOver(tx, before)).length === 0) return undefined;
    await stopGrouping(tx);
    const ids = await findOver(tx, before);
    if (ids.length === 0) return undefined;
    return removeAlarms(tx, ids);
  },
};

async function findOver(tx: Tx, before: Date): Promise<readonly string[]> {
  const lasts = (alias: string) =>
    sql`(${sql.ref(`${alias}.active`)} or ${sql.ref(`${alias}.cleared_at`)} >= ${before})`;
  const { rows } = await sql<{ id: string }>`
    select a.id from dipper.alarm a
     where a.cleared_at < ${before} and not a.active
       and not exists (select from dipper.incident i where i.id = a.incident and i.open)
       and not exists (select from dipper.grid_case c where c.incident = a.incident)
       and not exists (select from dipper.alarm silenced where silenced.suppressed_by = a.id and ${lasts('silenced')})
       and not exists (select from dipper.alarm_shelf s where s.alarm = a.id
                          and (s.ended_at is null
                               or exists (select from dipper.alarm shelved where shelved.shelf = s.id and ${lasts('shelved')})))
     order by a.cleared_at, a.id limit ${PER_SLICE}`.execute(tx);
  return rows.map(({ id }) => id);
}

async function removeAlarms(tx: Tx, ids: readonly string[]): Promise<readonly Removal[]> {
  const gone = sql`any(${ids}::uuid[])`;
  // What is left of those that they silenced has ended too and goes with a later slice.
  await sql`update dipper.alarm set suppressed_by = null where suppressed_by = ${gone}`.execute(tx);
  await sql`
    update dipper.alarm set shelf = null
     where shelf in (select id from dipper.alarm_shelf where alarm = ${gone})`.execute(tx);
  await sql`delete from dipper.alarm_shelf where alarm = ${gone}`.execute(tx);
  await sql`delete from dipper.alarm_transition where alarm = ${gone}`.execute(tx);
  const { rows } = await sql<{ from: Date; until: Date; sha256: Buffer; incidents: string[] | null }>`
    with gone as (delete from dipper.alarm where id = ${gone} returning id, cleared_at, incident)
    select min(cleared_at) as "from", max(cleared_at) as until, sha256(string_agg(uuid_send(id), ''::bytea order by id)) as sha256,
           array_agg(distinct incident) filter (where incident is not null) as incidents from gone`.execute(tx);
  const [proof] = rows;
  if (proof === undefined) return [];
  await sql`
    delete from dipper.incident i
     where i.id = any(${proof.incidents ?? []}::uuid[])
       and not exists (select from dipper.alarm a where a.incident = i.id)
       and not exists (select from dipper.incident other where other.joined_into = i.id)
       and not exists (select from dipper.incident_transition t where i.id in (t.incident, t.other))`.execute(tx);
  return [{ subject: 'dipper.alarm', from: proof.from, until: proof.until, rows: ids.length, sha256: proof.sha256 }];
}
