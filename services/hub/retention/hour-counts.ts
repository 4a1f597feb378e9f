import { randomUUID } from 'node:crypto';
import type { RetentionClass } from '@dipper/contract/events';
import { sql } from 'kysely';
import { countsOf } from './data-classes.ts';
import { COUNTED_AFTER_MS, HOUR_MS, type LateHours } from './late-hours.ts';
import type { RetentionDb } from './retention.tables.ts';

/** Counted in one statement. */
const SLICE_MS = 24 * HOUR_MS;
/** Late hours taken in hand at once. */
const LATE_ROWS_PER_SLICE = 1_000;

export interface HourCounter {
  /** Counts one slice of what has to be counted; whether there was any. */
  countNext(retention: RetentionClass, now: Date): Promise<boolean>;
}

/**
 * Brings the counts per hour up to date. TimescaleDB's refresh ends transactions of its own accord, so what is counted
 * is noted only afterwards: whoever asks meanwhile counts the events themselves.
 */
export function createHourCounter(db: RetentionDb, lateHours: LateHours): HourCounter {
  const refresh = async (retention: RetentionClass, from: Date, until: Date): Promise<void> => {
    await sql`call refresh_continuous_aggregate(${countsOf(retention)}::regclass, ${from}::timestamptz, ${until}::timestamptz)`.execute(
      db,
    );
  };
  const noteCounted = async (retention: RetentionClass, until: Date): Promise<void> => {
    await db
      .insertInto('dipper.history_count')
      .values({ retention, counted_until: until })
      .onConflict((conflict) => conflict.column('retention').doUpdateSet({ counted_until: until }))
      .execute();
    lateHours.noteCounted(retention, until);
  };

  const countOn = async (retention: RetentionClass, now: Date): Promise<boolean> => {
    const known = await db
      .selectFrom('dipper.history_count')
      .select('counted_until')
      .where('retention', '=', retention)
      .executeTakeFirst();
    if (known !== undefined) lateHours.noteCounted(retention, known.counted_until);
    const goal = await findGoal(db, now);
    if (known !== undefined && known.counted_until >= goal) return false;
    const next = await findNextEvent(db, retention, known?.counted_until);
    if (next === undefined || next >= goal) {
      await noteCounted(retention, goal);
      return false;
    }
    const from = new Date(Math.floor(next.getTime() / HOUR_MS) * HOUR_MS);
    const until = new Date(Math.min(from.getTime() + SLICE_MS, goal.getTime()));
    await refresh(retention, from, until);
    await noteCounted(retention, until);
    return true;
  };

  const countLate = async (retention: RetentionClass): Promise<boolean> => {
    const mine = randomUUID();
    // Waits for whoever is putting down one of these hours, so that their events are there to be counted.
    const { rows } = await sql<{ hour: Date }>`
      update dipper.history_late_hour as known set refresh = ${mine}
        from (select retention, hour, agent from dipper.history_late_hour where retention = ${retention}
               order by retention, hour, agent limit ${LATE_ROWS_PER_SLICE} for update) as taken
       where (known.retention, known.hour, known.agent) = (taken.retention, taken.hour, taken.agent)
      returning known.hour`.execute(db);
    if (rows.length === 0) return false;
    for (const [from, until] of rangesOf(rows.map(({ hour }) => hour))) await refresh(retention, from, until);
    await db.deleteFrom('dipper.history_late_hour').where('refresh', '=', mine).execute();
    return true;
  };

  return {
    countNext: async (retention, now) => (await countOn(retention, now)) || (await countLate(retention)),
  };
}

/** The clock of the database as well as ours: an hour that one of them has not seen the end of is not over. */
async function findGoal(db: RetentionDb, now: Date): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select least(now(), ${now}::timestamptz) as at`.execute(db);
  const atMs = (rows[0]?.at ?? now).getTime();
  return new Date(Math.floor((atMs - COUNTED_AFTER_MS) / HOUR_MS) * HOUR_MS);
}

async function findNextEvent(
  db: RetentionDb,
  retention: RetentionClass,
  from: Date | undefined,
): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date }>`
    select occurred_at as at from ${sql.table(`dipper.event_${retention}`)}
     where occurred_at >= ${from ?? new Date(0)} order by occurred_at limit 1`.execute(db);
  return rows[0]?.at;
}

/** Hours in a row make one range, of a slice at most. */
function rangesOf(hours: readonly Date[]): [Date, Date][] {
  const ranges: [number, number][] = [];
  for (const hourMs of [...new Set(hours.map((hour) => hour.getTime()))].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === hourMs && hourMs - last[0] < SLICE_MS) last[1] = hourMs + HOUR_MS;
    else ranges.push([hourMs, hourMs + HOUR_MS]);
  }
  return ranges.map(([from, until]) => [new Date(from), new Date(until)]);
}
