import { type RawBuilder, sql } from 'kysely';
import type { Tx } from './pool.ts';

/**
 * Sends statements that write, and do not depend on each other, as one (data-modifying WITH, PostgreSQL 17 §7.8.4): under
 * load a round trip to the database costs milliseconds, most of them spent waiting for a core.
 */
export async function writeBundle(tx: Tx, statements: readonly RawBuilder<unknown>[]): Promise<void> {
  if (statements.length === 0) return;
  const named = statements.map((statement, index) => sql`${sql.id(`part${index}`)} as (${statement})`);
  await sql`with ${sql.join(named)} select`.execute(tx);
}
