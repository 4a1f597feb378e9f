import { sql } from 'kysely';
import type { Db, Tx } from '../database/pool.ts';
import { errorText } from './rule-guard.ts';

const FIRST_WAIT_MS = 2_000;
const LAST_WAIT_MS = 5 * 60_000;
/** An event that alone has failed so often, over a minute, is passed over: what comes after it may be an alarm. */
export const MAX_ATTEMPTS = 6;
const MAX_DUE = 32;

/** Agents whose next events could not be judged. */
export interface SetAside {
  /** Of all of them, how many there are. */
  readonly count: number;
  /** Those to be tried again now, who have waited longest first. */
  readonly due: readonly string[];
}

export async function listSetAside(db: Db, now: Date): Promise<SetAside> {
  // An instant further ahead than any wait was noted before the clock was set back.
  const furthest = new Date(now.getTime() + LAST_WAIT_MS);
  const { rows } = await sql<{ agent: string; due: boolean }>`
    select agent, retry_at <= ${now} or retry_at > ${furthest} as due
      from dipper.evaluation_failure order by retry_at`.execute(db);
  return { count: rows.length, due: rows.flatMap(({ agent, due }) => (due ? [agent] : [])).slice(0, MAX_DUE) };
}

/** How often in a row the agent's next events could not be judged. */
export async function countAttempts(tx: Tx, agent: string): Promise<number> {
  const { rows } = await sql<{ attempts: number }>`
    select attempts from dipper.evaluation_failure where agent = ${agent}`.execute(tx);
  return rows[0]?.attempts ?? 0;
}

/** @param attempts that failed in a row, the one that is noted included */
export async function noteFailure(tx: Tx, agent: string, attempts: number, error: unknown, now: Date): Promise<void> {
  const retryAt = new Date(now.getTime() + Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LAST_WAIT_MS));
  await sql`
    insert into dipper.evaluation_failure (agent, attempts, error, failed_at, retry_at)
    values (${agent}, ${attempts}, ${errorText(error)}, ${now}, ${retryAt})
    on conflict (agent) do update set attempts = excluded.attempts, error = excluded.error,
      failed_at = excluded.failed_at, retry_at = excluded.retry_at`.execute(tx);
}

export async function forgetFailure(tx: Tx, agent: string): Promise<void> {
  await sql`delete from dipper.evaluation_failure where agent = ${agent}`.execute(tx);
}
