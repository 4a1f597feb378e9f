import type { FaceEnrolmentView, FaceErasureView } from '@dipper/contract/api/face-consent';
import { erasureSignature } from '@dipper/contract/erasure-receipt';
import type { EventData } from '@dipper/contract/events';
import { sql } from 'kysely';
import type { CredentialKeys } from '../policy/credential-keys.ts';
import type { ConsentDb } from './consent.service.ts';

/** What edges have told about a consent. */
export interface ConsentFacts {
  readonly enrolments: FaceEnrolmentView[];
  readonly erasures: FaceErasureView[];
}

type Told = EventData<'face.enrolment'>;
type Erased = EventData<'face.template-erased'>;

/** Reads enrolments with how the edge said they stand, and receipts of deletion, of one consent. Newest first. */
export async function readConsentFacts(db: ConsentDb, keys: CredentialKeys, consent: string): Promise<ConsentFacts> {
  await copyReceipts(db, keys, consent);
  const asked = await db
    .selectFrom('dipper.face_enrolment')
    .selectAll()
    .where('consent', '=', consent)
    .orderBy('asked_at', 'desc')
    .execute();
  const ids = asked.map(({ id }) => id);
  const { rows } = await sql<{ correlation: string; data: Told }>`
    select distinct on (correlation) correlation, data from dipper.event_passage
     where type = 'face.enrolment' and correlation = any(${ids}::uuid[])
     order by correlation, occurred_at desc, sequence desc`.execute(db);
  const told = new Map(rows.map(({ correlation, data }) => [correlation, data]));
  const erasures = await db
    .selectFrom('dipper.face_erasure')
    .selectAll()
    .where('consent', '=', consent)
    .orderBy('erased_at', 'desc')
    .execute();
  return {
    enrolments: asked.map((row) => {
      const last = told.get(row.id);
      return {
        ...{ id: row.id, device: row.device, agent: row.agent, accessPoint: row.access_point },
        ...{ state: last?.state ?? 'asked', goodFrames: last?.goodFrames ?? 0, code: last?.code ?? null },
        advice: last?.advice ?? null,
        ...{ askedAt: row.asked_at.toISOString(), askedBy: row.asked_by },
      };
    }),
    erasures: erasures.map((row) => ({
      ...{ agent: row.agent, reason: row.reason as Erased['reason'] },
      ...{ erasedAt: row.erased_at.toISOString(), signed: row.is_signed },
    })),
  };
}

/** Copies receipts out of the history, which does not last as long as the proof has to. Twice comes to the same. */
async function copyReceipts(db: ConsentDb, keys: CredentialKeys, consent: string): Promise<void> {
  const { rows } = await sql<{ id: string; agent: string; data: Erased; received_at: Date }>`
    select event.id, event.agent, event.data, event.received_at from dipper.event_passage event
     where event.type = 'face.template-erased' and event.data ->> 'consent' = ${consent}
       and not exists (select from dipper.face_erasure known where known.event = event.id)`.execute(db);
  for (const { id, agent, data, received_at } of rows) {
    const key = await keys.find(db, agent);
    const isSigned = key !== undefined && data.signature === erasureSignature(key.key, agent, data);
    await db
      .insertInto('dipper.face_erasure')
      .values({
        ...{ event: id, consent, holder: data.holder, agent, reason: data.reason, is_signed: isSigned, received_at },
        erased_at: new Date(data.at),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
