import type pg from 'pg';
import { hasColumn } from './catalog.ts';

/** What became of the consents to face recognition that a backup says are in force. */
export interface RestoredConsents {
  /** Taken back since, by the journal. */
  readonly withdrawn: number;
  /** There is no journal: whether they were taken back is not known, so they count as if they had been. */
  readonly ended: number;
}

/** Stand where the name of who took it back does. */
const BY_JOURNAL = 'withdrawals file';
const BY_RESTORE = 'restore';

/**
 * A consent that was taken back must not be there again because a backup did not know. The journal, which lies outside of the
 * database, says which were; without one nobody can say, and nobody's face is compared on a guess.
 *
 * @param client in the transaction of the restore
 * @param withdrawals consents that were taken back until now, by their ids; undefined where there is no journal
 */
export async function endRestoredConsents(
  client: pg.ClientBase,
  withdrawals: ReadonlyMap<string, Date> | undefined,
): Promise<RestoredConsents> {
  if (!(await hasColumn(client, 'face_consent', 'withdrawn_at'))) return { withdrawn: 0, ended: 0 };
  if (withdrawals === undefined) {
    const { rowCount } = await client.query(
      `update dipper.face_consent set withdrawn_at = now(), withdrawn_by = $1
        where withdrawn_at is null and valid_until > now()`,
      [BY_RESTORE],
    );
    return { withdrawn: 0, ended: rowCount ?? 0 };
  }
  const { rowCount } = await client.query(
    `update dipper.face_consent consent set withdrawn_at = greatest(known.at, consent.given_at), withdrawn_by = $1
       from unnest($2::uuid[], $3::timestamptz[]) as known (id, at)
      where consent.id = known.id and consent.withdrawn_at is null`,
    [BY_JOURNAL, [...withdrawals.keys()], [...withdrawals.values()].map((at) => at.toISOString())],
  );
  return { withdrawn: rowCount ?? 0, ended: 0 };
}
