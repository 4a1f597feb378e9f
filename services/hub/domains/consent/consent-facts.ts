import type { FaceConsentView, FaceEnrolmentView } from '@dipper/contract/api/face-consent';
import type { ErasureReason } from '@dipper/contract/events/face';
import { sql } from 'kysely';
import { type AwaitedErasure, awaitedAt } from './awaited-erasures.ts';
import type { ConsentDb } from './consent.service.ts';
import type { EnrolmentRow } from './consent.tables.ts';

/** What edges have told about a consent. */
export type ConsentFacts = Pick<FaceConsentView, 'enrolments' | 'erasures' | 'awaited'>;

/** Reads enrolments with how the edges said they stand, and receipts of deletion with those that are awaited. Newest first. */
export async function readConsentFacts(
  db: ConsentDb,
  consents: readonly string[],
  at: Date,
): Promise<(consent: string) => ConsentFacts> {
  const ids = sql<string>`any(${[...consents]}::uuid[])`;
  const enrolments = await db
    .selectFrom('dipper.face_enrolment')
    .selectAll()
    .where('consent', '=', ids)
    .orderBy('asked_at', 'desc')
    .execute();
  const erasures = await db
    .selectFrom('dipper.face_erasure')
    .selectAll()
    .where('consent', '=', ids)
    .orderBy('occurred_at', 'desc')
    .execute();
  const awaited = await sql<AwaitedErasure>`
    select * from (${awaitedAt(at)}) awaited where consent = ${ids} order by agent`.execute(db);
  return (consent) => ({
    enrolments: enrolments.filter((row) => row.consent === consent).map(enrolmentFromRow),
    erasures: erasures
      .filter((row) => row.consent === consent)
      .map((row) => ({
        ...{ agent: row.agent, reason: row.reason as ErasureReason },
        ...{ erasedAt: row.erased_at.toISOString(), signed: row.is_signed },
      })),
    awaited: awaited.rows.filter((row) => row.consent === consent).map(({ agent }) => agent),
  });
}

function enrolmentFromRow(row: EnrolmentRow): FaceEnrolmentView {
  return {
    ...{ id: row.id, device: row.device, agent: row.agent, accessPoint: row.access_point },
    ...{ state: row.state ?? 'asked', goodFrames: row.good_frames ?? 0, code: row.code, advice: row.advice },
    ...{ askedAt: row.asked_at.toISOString(), askedBy: row.asked_by },
  };
}
