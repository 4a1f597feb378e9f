import { type ErasureReceipt, erasureSignature } from '@dipper/contract/erasure-receipt';
import type { EventData } from '@dipper/contract/events';
import { type Kysely, sql } from 'kysely';
import type { EventRow } from '../../database/schema.ts';
import type { EventFollower } from '../../evaluator/event-follower.ts';
import type { CredentialKeys } from '../policy/credential-keys.ts';

type Told = EventData<'face.enrolment'>;
type Receipt = EventData<'face.template-erased'>;
type ToldEvent = Pick<EventRow, 'id' | 'agent' | 'occurred_at' | 'received_at' | 'data'>;
// biome-ignore lint/suspicious/noExplicitAny: databases and transactions of every set of tables
type AnyDb = Kysely<any>;

/** Takes in how enrolments stand, and receipts of deletion, when edges tell of them: the events themselves do not last as long. */
export function createConsentIntake(keys: CredentialKeys): EventFollower {
  return {
    types: ['face.enrolment', 'face.template-erased'],
    follow: (tx, event) => (event.type === 'face.enrolment' ? takeEnrolment(tx, event) : takeReceipt(tx, keys, event)),
  };
}

/** Backlogs come after what is live: what happened earlier changes nothing any more but that there was a template. */
async function takeEnrolment(tx: AnyDb, { agent, occurred_at: at, data }: ToldEvent): Promise<void> {
  const { enrolment, state, goodFrames, code = null, advice = null } = data as Told;
  const doneAt = state === 'done' ? at : null;
  await sql`
    update dipper.face_enrolment set state = ${state}, good_frames = ${goodFrames}, code = ${code}, advice = ${advice}, told_at = ${at}
     where id = ${enrolment}::uuid and agent = ${agent} and coalesce(told_at, '-infinity') <= ${at}`.execute(tx);
  if (doneAt === null) return;
  await sql`
    update dipper.face_enrolment set done_at = greatest(done_at, ${doneAt})
     where id = ${enrolment}::uuid and agent = ${agent}`.execute(tx);
}

/** Keeps a receipt of a consent that is known; one that is told twice is kept once. */
export async function takeReceipt(db: AnyDb, keys: CredentialKeys, event: ToldEvent): Promise<void> {
  const { id, agent, occurred_at, received_at } = event;
  const receipt = event.data as Receipt;
  const key = await keys.find(db, agent);
  const isSigned = key !== undefined && isSignedBy(key.key, agent, receipt);
  await sql`
    insert into dipper.face_erasure (event, consent, holder, agent, reason, erased_at, occurred_at, is_signed, received_at)
    select ${id}::uuid, id, holder, ${agent}, ${receipt.reason}, ${new Date(receipt.at)}, ${occurred_at}, ${isSigned}, ${received_at}
      from dipper.face_consent where id = ${receipt.consent}::uuid
    on conflict do nothing`.execute(db);
}

function isSignedBy(key: Uint8Array, agent: string, receipt: ErasureReceipt & Pick<Receipt, 'signature'>): boolean {
  return receipt.signature === erasureSignature(key, agent, receipt);
}
