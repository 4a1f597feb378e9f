import type { DataClassName } from '@dipper/contract/api/retention';
import { type Selectable, sql } from 'kysely';
import type { JobTable, RetentionDb } from './retention.tables.ts';

/** How long a copy of the hub may be silent before another takes its work over: longer than any one slice. */
const HELD_MS = 15 * 60_000;
export const RUN_EVERY_MS = 10 * 60_000;

export type JobRow = Selectable<JobTable>;

/**
 * Takes the maintenance of a class, if it is due and nobody else is at it. Instants further ahead than any that is ever
 * written come from a clock that has been set back since, and count for nothing.
 */
export async function claimJob(db: RetentionDb, name: DataClassName, holder: string, now: Date): Promise<boolean> {
  const { rows } = await sql`
    insert into dipper.history_job as job (class, holder, held_until, started_at)
    values (${name}, ${holder}, ${later(now, HELD_MS)}, ${now})
    on conflict (class) do update set
      holder = excluded.holder, held_until = excluded.held_until, started_at = excluded.started_at
    where (job.holder is null or job.held_until <= ${now} or job.held_until > ${later(now, HELD_MS)})
      and (job.next_at is null or job.next_at <= ${now} or job.next_at > ${later(now, RUN_EVERY_MS)})
    returning class`.execute(db);
  return rows.length > 0;
}

/** Whether the class is still ours; if so it stays ours for another while. */
export async function keepJob(db: RetentionDb, name: DataClassName, holder: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('dipper.history_job')
    .set({ held_until: later(now, HELD_MS) })
    .where('class', '=', name)
    .where('holder', '=', holder)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Gives the class back. `error` is why the run ended early. */
export async function endJob(
  db: RetentionDb,
  name: DataClassName,
  holder: string,
  end: { readonly now: Date; readonly error: string | null; readonly bytes: number | undefined },
): Promise<void> {
  await db
    .updateTable('dipper.history_job')
    .set({
      holder: null,
      held_until: null,
      ended_at: end.now,
      next_at: later(end.now, RUN_EVERY_MS),
      error: end.error,
      ...(end.bytes === undefined ? {} : { bytes: String(end.bytes) }),
    })
    .where('class', '=', name)
    .where('holder', '=', holder)
    .execute();
}

function later(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}
