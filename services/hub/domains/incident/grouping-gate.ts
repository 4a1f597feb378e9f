import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';

/** Any number that nothing else takes. */
const ADVISORY_LOCK = 7_700_006;

/**
 * To be called first in every transaction that raises, folds, clears, acknowledges or releases alarms. Those may run
 * side by side; nobody regroups or silences alarms meanwhile.
 *
 * Such a transaction locks alarms and incidents in the order in which events tell of them, so no order of locks could
 * keep clear of it. Whoever regroups therefore waits here until all of them have ended, holding nothing that they need:
 * no deadlock, and no alarm that is being raised slips past a shelf or into an incident that has just been joined away.
 */
export async function holdGrouping(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${ADVISORY_LOCK})`.execute(tx);
}

/**
 * To be called first by people's decisions that regroup or silence: joins, splits, shelves, out of service, and their
 * ends. They take milliseconds, and PostgreSQL lets nobody overtake them.
 */
export async function stopGrouping(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`.execute(tx);
}
