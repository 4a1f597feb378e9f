import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import { measureTable } from '../../retention/chunks.ts';
import type { DataClass, Removal, RowSource } from '../../retention/data-class.ts';
import { removeRows } from '../../retention/removal.ts';
import { awaitedAt } from './awaited-erasures.ts';

/** Consents in one transaction. */
const PER_SLICE = 500;

/**
 * Consents by the time since they ended, with what was enrolled on their ground and the receipts of its deletion. One stays
 * while an edge owes a receipt that has been heard of since: it could have signed. An edge that never came back has no policy
 * any more, and so no template either (a month after its last one).
 */
export const CONSENT_RETENTION: DataClass = {
  name: 'face-consent',
  async findOldest(tx) {
    const { rows } = await sql<{ at: Date }>`
      select ended_at as at from dipper.face_consent where ended_at <= now() order by ended_at limit 1`.execute(tx);
    return rows[0]?.at;
  },
  async measureBytes(tx) {
    const { rows } = await sql<{ bytes: string }>`
      select pg_total_relation_size('dipper.face_consent') + pg_total_relation_size('dipper.face_enrolment')
             + pg_total_relation_size('dipper.face_erasure') as bytes`.execute(tx);
    return Number(rows[0]?.bytes ?? 0);
  },
  async removeNext(tx, before) {
    const { rows } = await sql<{ id: string }>`
      select id from dipper.face_consent
       where ended_at < ${before}
         and id not in (select awaited.consent from (${awaitedAt(before)}) awaited
                          join dipper.agent_status status on status.agent = awaited.agent
                         where status.seen_at > awaited.since)
       order by ended_at, id limit ${PER_SLICE} for update`.execute(tx);
    return rows.length === 0
      ? undefined
      : removeConsents(
          tx,
          rows.map(({ id }) => id),
        );
  },
};

/** What a consent rested on stays as long as it does. */
const ASSESSMENT: RowSource = {
  table: 'dipper.impact_assessment',
  timeColumn: 'over_at',
  idType: 'uuid',
  isOver: sql`not exists (select from dipper.face_consent consent
                           where consent.estate = impact_assessment.estate
                             and consent.given_at < impact_assessment.over_at
                             and consent.ended_at > impact_assessment.filed_at)`,
};

/** Impact assessments by the time since they ended. */
export const ASSESSMENT_RETENTION: DataClass = {
  name: 'impact-assessment',
  async findOldest(tx) {
    const { rows } = await sql<{ at: Date }>`
      select over_at as at from dipper.impact_assessment where over_at <= now() order by over_at limit 1`.execute(tx);
    return rows[0]?.at;
  },
  measureBytes: (tx) => measureTable(tx, ASSESSMENT.table, false),
  async removeNext(tx, before) {
    const removal = await removeRows(tx, ASSESSMENT, before);
    return removal === undefined ? undefined : [removal];
  },
};

/** Receipts are proven by the ids of their events. */
async function removeConsents(tx: Tx, consents: readonly string[]): Promise<readonly Removal[]> {
  const ids = sql`any(${consents}::uuid[])`;
  const proofs = [
    { subject: 'dipper.face_erasure', id: 'event', at: 'occurred_at', of: 'consent' },
    { subject: 'dipper.face_enrolment', id: 'id', at: 'asked_at', of: 'consent' },
    { subject: 'dipper.face_consent', id: 'id', at: 'ended_at', of: 'id' },
  ] as const;
  const removals: Removal[] = [];
  for (const { subject, id, at, of } of proofs) {
    const { rows } = await sql<{ rows: number; from: Date | null; until: Date | null; sha256: Buffer | null }>`
      with gone as (delete from ${sql.table(subject)} where ${sql.ref(of)} = ${ids} returning ${sql.ref(id)} as id, ${sql.ref(at)} as at)
      select count(*)::int as rows, min(at) as "from", max(at) as until,
             sha256(string_agg(uuid_send(id), ''::bytea order by id)) as sha256 from gone`.execute(tx);
    const [gone] = rows;
    if (gone?.from == null || gone.until === null || gone.sha256 === null) continue;
    removals.push({ subject, from: gone.from, until: gone.until, rows: gone.rows, sha256: gone.sha256 });
  }
  return removals;
}
