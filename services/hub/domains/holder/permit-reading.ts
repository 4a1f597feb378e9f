import { randomUUID } from 'node:crypto';
import type { NewPermit } from '@dipper/contract/api/holder';
import { type Insertable, sql } from 'kysely';
import { invalidField } from '../case/invalid-field.ts';
import type { AccessDb } from '../policy/access-db.ts';
import type { HolderTables } from './holder.tables.ts';

/**
 * The row of a permit that was asked for, once all that it names is there and of the holder's estate.
 * @throws DipperError REQUEST_INVALID
 */
export async function permitRowFrom(
  tx: AccessDb,
  asked: NewPermit,
  { holder, estate }: { readonly holder: string; readonly estate: string },
  at: Date,
  by: string,
): Promise<Insertable<HolderTables['dipper.access_permit']>> {
  const accessPoints = [...new Set(asked.accessPoints)].sort();
  const known = await tx
    .selectFrom('dipper.access_point as point')
    .innerJoin('dipper.place as place', 'place.id', 'point.place')
    .select('point.id')
    .where('place.estate', '=', estate)
    .where('point.id', '=', sql<string>`any(${accessPoints}::text[])`)
    .execute();
  const missing = accessPoints.find((id) => !known.some((point) => point.id === id));
  if (missing !== undefined) throw invalidField('accessPoints', `there is no access point '${missing}' in this estate`);
  const { schedule = null, credential = null, uses = null } = asked;
  if (schedule !== null) {
    const row = await tx
      .selectFrom('dipper.access_schedule')
      .select('id')
      .where('id', '=', schedule)
      .where('estate', '=', estate)
      .executeTakeFirst();
    if (row === undefined) throw invalidField('schedule', 'there is no such schedule in this estate');
  }
  if (credential !== null) {
    const row = await tx
      .selectFrom('dipper.access_credential')
      .select('id')
      .where('id', '=', credential)
      .where('holder', '=', holder)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined) throw invalidField('credential', 'the holder has no such credential');
  }
  const from = asked.from === undefined ? at : instantFrom(asked.from, 'from');
  const until = asked.until === undefined ? null : instantFrom(asked.until, 'until');
  if (until !== null && until <= from) throw invalidField('until', 'has to lie behind the beginning');
  return {
    ...{ id: randomUUID(), holder, estate, access_points: accessPoints, schedule, credential, uses },
    ...{ valid_from: from, valid_until: until, ended_at: null, ended_by: null, created_at: at, created_by: by },
  };
}

/** A permit from before that was made for something else than gates of ours. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.parse('9999-12-31T00:00:00.000Z');

/** @throws DipperError REQUEST_INVALID for a day that is none, or one that no permit is about */
function instantFrom(text: string, field: string): Date {
  const ms = Date.parse(text);
  if (!(ms >= EARLIEST_MS && ms <= LATEST_MS)) throw invalidField(field, 'is no instant from the year 2000 on');
  return new Date(ms);
}
