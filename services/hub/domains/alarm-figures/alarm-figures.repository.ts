import type { Priority } from '@dipper/contract/api/alarm';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../database/pool.ts';
import type { AlarmThresholds } from '../alarm/alarm-thresholds.ts';

/** Alarms announced from an instant up to before another, where the asker may look. */
export interface Stretch {
  readonly from: Date;
  readonly until: Date;
  readonly where: RawBuilder<boolean>;
}

/** With sound: what loads whoever is on duty. */
const announcedIn = ({ from, until, where }: Stretch): RawBuilder<boolean> =>
  sql<boolean>`(announced_at >= ${from} and announced_at < ${until} and not late and ${where})`;

/** When alarms were announced, ascending, in ms since 1970. */
export async function listAnnouncements(db: Db, stretch: Stretch): Promise<number[]> {
  const { rows } = await sql<{ at: number }>`
    select (extract(epoch from announced_at) * 1000)::float8 as at from dipper.alarm
     where ${announcedIn(stretch)} order by announced_at`.execute(db);
  return rows.map(({ at }) => at);
}

export interface PriorityRow {
  readonly priority: Priority;
  readonly announced: number;
  readonly acknowledged: number;
  readonly in_time: number;
  readonly median_sec: number | null;
}

export async function countByPriority(
  db: Db,
  stretch: Stretch,
  { acknowledgeWithinSec }: AlarmThresholds,
): Promise<PriorityRow[]> {
  const { rows } = await sql<PriorityRow>`
    select priority, count(*)::int as announced, count(acknowledged_at)::int as acknowledged,
           count(*) filter (where extract(epoch from acknowledged_at - announced_at)
             <= (${JSON.stringify(acknowledgeWithinSec)}::jsonb ->> priority)::numeric)::int as in_time,
           percentile_cont(0.5) within group (order by extract(epoch from acknowledged_at - announced_at))::float8
             as median_sec
      from dipper.alarm where ${announcedIn(stretch)} group by priority`.execute(db);
  return rows;
}

export interface SourceRow {
  readonly rule: string;
  readonly title_zh: string;
  readonly title_en: string;
  readonly estate: string;
  readonly device: string | null;
  readonly place: string | null;
  readonly announced: number;
  readonly chattering: number;
}

/** The rules and keys that raised most. */
export async function listWorstSources(db: Db, stretch: Stretch, limit: number): Promise<SourceRow[]> {
  const latest = (column: string): RawBuilder<unknown> =>
    sql`(array_agg(${sql.ref(column)} order by announced_at desc))[1] as ${sql.ref(column)}`;
  const columns = ['title_zh', 'title_en', 'estate', 'device', 'place'].map(latest);
  const { rows } = await sql<SourceRow>`
    select rule, ${sql.join(columns)}, count(*)::int as announced,
           (count(*) filter (where chattering))::int as chattering
      from dipper.alarm where ${announcedIn(stretch)}
     group by rule, key order by announced desc, rule, key limit ${limit}`.execute(db);
  return rows;
}

/** What was raised and made no sound: late, or silenced all the time. */
export async function countQuiet(
  db: Db,
  { from, until, where }: Stretch,
): Promise<{ readonly late: number; readonly silenced: number }> {
  const { rows } = await sql<{ late: number; silenced: number }>`
    select (select count(*)::int from dipper.alarm
             where announced_at >= ${from} and announced_at < ${until} and late and ${where}) as late,
           (select count(*)::int from dipper.alarm
             where raised_at >= ${from} and raised_at < ${until} and announced_at is null and ${where}) as silenced`.execute(
    db,
  );
  return rows[0] ?? { late: 0, silenced: 0 };
}

export interface StandingRow {
  readonly shelved: number;
  readonly shelves: number;
  readonly out_of_service: number;
  readonly entries: number;
  readonly suppressed: number;
  readonly stale: number;
  readonly chattering: number;
}

/** What of the active alarms is not announced, and what of the announced ones is of no use. */
export async function countStanding(
  db: Db,
  where: RawBuilder<boolean>,
  staleBefore: Date,
): Promise<StandingRow | undefined> {
  const heard = sql`suppressed_by is null and shelf is null and out_of_service is null`;
  const { rows } = await sql<StandingRow>`
    select count(*) filter (where shelf is not null)::int as shelved,
           (select count(*)::int from dipper.alarm_shelf where ended_at is null and ${where}) as shelves,
           count(*) filter (where out_of_service is not null)::int as out_of_service,
           (select count(*)::int from dipper.out_of_service
             where ended_at is null and (estate is null or ${where})) as entries,
           count(*) filter (where suppressed_by is not null)::int as suppressed,
           count(*) filter (where ${heard} and raised_at < ${staleBefore})::int as stale,
           count(*) filter (where ${heard} and chattering)::int as chattering
      from dipper.alarm where active and ${where}`.execute(db);
  return rows[0];
}
