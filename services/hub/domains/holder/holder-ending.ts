import { sql } from 'kysely';
import type { AccessDb } from '../policy/access-db.ts';

/** What is left of a credential that ended: that there was one, and who had it until when. */
export const NO_CREDENTIAL_VALUE = { plate: null, sealed: null, fingerprint: null } as const;

/** What an ended permit says. */
export function endingOf(by: string, at: Date) {
  return { ended_at: at, ended_by: by };
}

/** Ends a holder with their vehicles, all credentials and permits of both, and what they consented to. */
export async function endHolder(tx: AccessDb, id: string, by: string, at: Date): Promise<void> {
  const ended = await tx
    .updateTable('dipper.access_holder')
    .set((eb) => ({ ended_at: at, version: eb('version', '+', 1), changed_at: at, changed_by: by }))
    .where((eb) => eb.or([eb('id', '=', id), eb('owner', '=', id)]))
    .where('ended_at', 'is', null)
    .returning('id')
    .execute();
  const all = sql<string>`any(${ended.map((holder) => holder.id)}::uuid[])`;
  await tx
    .updateTable('dipper.access_credential')
    .set({ ...NO_CREDENTIAL_VALUE, ended_at: at })
    .where('holder', '=', all)
    .where('ended_at', 'is', null)
    .execute();
  await tx
    .updateTable('dipper.access_permit')
    .set(endingOf(by, at))
    .where('holder', '=', all)
    .where('ended_at', 'is', null)
    .execute();
  await sql`
    update dipper.face_consent set withdrawn_at = ${at}, withdrawn_by = ${by}
     where holder = ${all} and withdrawn_at is null`.execute(tx);
}
