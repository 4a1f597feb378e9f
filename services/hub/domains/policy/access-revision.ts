import { type Kysely, sql, type Transaction } from 'kysely';
import type { PolicyTables } from './policy.tables.ts';

/**
 * Notes in the transaction that changes who may pass in an estate that policies have to be compiled anew. Changes of one
 * estate wait for each other here, so that none is compiled by half.
 */
// biome-ignore lint/suspicious/noExplicitAny: transactions of every set of tables
export async function noteAccessChange(tx: Transaction<any>, estate: string): Promise<void> {
  await sql`
    insert into dipper.access_revision as known (estate, revision) values (${estate}, 1)
    on conflict (estate) do update set revision = known.revision + 1`.execute(tx);
}

/** How often who may pass in an estate has changed. */
export async function readRevision(db: Kysely<PolicyTables>, estate: string): Promise<string> {
  const row = await db
    .selectFrom('dipper.access_revision')
    .select('revision')
    .where('estate', '=', estate)
    .executeTakeFirst();
  return row?.revision ?? '0';
}
