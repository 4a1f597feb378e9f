import { DipperError } from '@dipper/contract/errors';
import { endHolder } from '../holder/holder-ending.ts';
import type { AccessTx } from '../policy/access-db.ts';
import type { PassRow } from './pass.tables.ts';

/** Then nobody reaches the visitor's page any more: until then it says what became of the pass. */
const NO_CODE = { code_hash: null, sealed_code: null } as const;

/**
 * Takes a pass back, in the caller's transaction, in which policies of the estate follow: the visitor has ended, and with them every credential of theirs.
 * @throws DipperError PASS_ENDED where it was taken back before, or its time was up
 */
export async function endPass(
  tx: AccessTx,
  { id, holder }: Pick<PassRow, 'id' | 'holder'>,
  { by, reason }: { readonly by: string; readonly reason: string },
  at: Date,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('dipper.access_pass')
    .set({ revoked_at: at, revoked_by: by, revoke_reason: reason })
    .where('id', '=', id)
    .where('code_hash', 'is not', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new DipperError('PASS_ENDED');
  await endHolder(tx, holder, by, at);
}

/** Ends visitors whose time was up before an instant, at most a hundred at once. How many there were. */
export async function endOverPasses(tx: AccessTx, before: Date, by: string, at: Date): Promise<number> {
  const over = await tx
    .selectFrom('dipper.access_pass as pass')
    .innerJoin('dipper.access_permit as permit', 'permit.id', 'pass.permit')
    .select(['pass.id', 'pass.holder'])
    .where('pass.code_hash', 'is not', null)
    .where('permit.valid_until', '<=', before)
    .orderBy('pass.ordinal')
    .limit(100)
    .forUpdate('pass')
    .skipLocked()
    .execute();
  for (const { id, holder } of over) {
    await tx.updateTable('dipper.access_pass').set(NO_CODE).where('id', '=', id).execute();
    await endHolder(tx, holder, by, at);
  }
  return over.length;
}
