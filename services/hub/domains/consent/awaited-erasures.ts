import { type Kysely, sql } from 'kysely';

// biome-ignore lint/suspicious/noExplicitAny: databases and transactions of every set of tables
type AnyDb = Kysely<any>;

/** A template that an edge was told to have, of a consent that has ended, and has not signed for since. */
export interface AwaitedErasure {
  readonly consent: string;
  readonly holder: string;
  readonly estate: string;
  readonly agent: string;
  /** Since when it should be gone. */
  readonly since: Date;
}

/**
 * `awaited`: every deletion that is awaited at `at`, as a condition of SQL can ask it. A receipt counts when it was signed and
 * tells of an instant after the template was made: who was enrolled again since has a template again.
 */
export function awaitedAt(at: Date) {
  return sql`
    select consent.id as consent, consent.holder, consent.estate, made.agent, consent.ended_at as since
      from dipper.face_consent consent
      join (select consent, agent, max(done_at) as done_at from dipper.face_enrolment
             where done_at is not null group by consent, agent) made on made.consent = consent.id
     where consent.ended_at <= ${at}
       and not exists (select from dipper.face_erasure receipt
                        where receipt.consent = consent.id and receipt.agent = made.agent and receipt.is_signed
                          and receipt.occurred_at >= made.done_at)`;
}

/** The oldest first. */
export async function listAwaited(db: AnyDb, at: Date): Promise<AwaitedErasure[]> {
  const { rows } =
    await sql<AwaitedErasure>`select * from (${awaitedAt(at)}) awaited order by since, consent, agent`.execute(db);
  return rows;
}
