import { type QueryExecutorProvider, sql } from 'kysely';
import { invalidField } from '../case/invalid-field.ts';

/** @throws DipperError REQUEST_INVALID where the body names an estate that there is not */
export async function refuseUnknownEstate(tx: QueryExecutorProvider, estate: string): Promise<void> {
  const { rows } = await sql`select id from dipper.estate where id = ${estate}`.execute(tx);
  if (rows.length === 0) throw invalidField('estate', `there is no estate '${estate}'`);
}
