import { sql } from 'kysely';
import type { DataClass, RowSource } from '../../retention/data-class.ts';
import { removeRows } from '../../retention/removal.ts';

const PERMIT: RowSource = { table: 'dipper.access_permit', timeColumn: 'ended_at', idType: 'uuid' };
const CREDENTIAL: RowSource = {
  table: 'dipper.access_credential',
  timeColumn: 'ended_at',
  idType: 'uuid',
  isOver: sql`not exists (select from dipper.access_permit p where p.credential = access_credential.id)`,
};
/** What still names a holder goes first: what was theirs, their vehicles, their consents. */
const HOLDER: RowSource = {
  table: 'dipper.access_holder',
  timeColumn: 'ended_at',
  idType: 'uuid',
  isOver: sql`
    not exists (select from dipper.access_permit p where p.holder = access_holder.id)
    and not exists (select from dipper.access_credential c where c.holder = access_holder.id)
    and not exists (select from dipper.access_holder v where v.owner = access_holder.id)
    and not exists (select from dipper.face_consent f where f.holder = access_holder.id)`,
};

/**
 * Who could pass, by the time since that ended: permits, credentials, whose values are gone already, and whoever had them.
 * Who has not ended loses nothing but what was taken from them.
 */
export const HOLDER_RETENTION: DataClass = {
  name: 'access-holder',
  async findOldest(tx) {
    const { rows } = await sql<{ at: Date | null }>`
      select least((select min(ended_at) from dipper.access_permit), (select min(ended_at) from dipper.access_credential),
                   (select min(ended_at) from dipper.access_holder)) as at`.execute(tx);
    return rows[0]?.at ?? undefined;
  },
  async measureBytes(tx) {
    const { rows } = await sql<{ bytes: string }>`
      select pg_total_relation_size('dipper.access_permit') + pg_total_relation_size('dipper.access_credential')
             + pg_total_relation_size('dipper.access_holder') as bytes`.execute(tx);
    return Number(rows[0]?.bytes ?? 0);
  },
  async removeNext(tx, before) {
    for (const source of [PERMIT, CREDENTIAL, HOLDER]) {
      const removal = await removeRows(tx, source, before);
      if (removal !== undefined) return [removal];
    }
    return undefined;
  },
};
