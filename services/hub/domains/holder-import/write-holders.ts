import { randomUUID } from 'node:crypto';
import { DipperError } from '@dipper/contract/errors';
import type { Insertable } from 'kysely';
import type { Sealer } from '../../sealer.ts';
import { credentialRowFrom } from '../holder/credential-writing.ts';
import type { HolderTables } from '../holder/holder.tables.ts';
import type { AccessDb } from '../policy/access-db.ts';
import type { HolderPlan } from './plan-holders.ts';

/** A statement takes 65,535 values at the most; and what is sent at once is held in memory at once. */
const ROWS_AT_ONCE = 500;

interface WriteOptions {
  readonly estate: string;
  readonly sealer: Sealer;
  readonly by: string;
  readonly at: Date;
}

/**
 * Writes what a file adds.
 * @throws DipperError CREDENTIAL_IN_USE where a value was entered elsewhere since the plan was made: nothing is kept, then
 */
export async function writeHolders(tx: AccessDb, plan: HolderPlan, options: WriteOptions): Promise<void> {
  const { estate, sealer, by, at } = options;
  const fresh = { blocked_at: null, blocked_by: null, block_reason: null, ended_at: null };
  // Residents first: vehicles refer to them.
  const holders = plan.holders.toSorted((a, b) => Number(a.owner !== null) - Number(b.owner !== null));
  for (const some of chunksOf(holders)) {
    const rows = some.map((holder) => ({
      ...{ ...holder, estate, ...fresh, created_at: at, changed_at: at, changed_by: by },
    }));
    await tx.insertInto('dipper.access_holder').values(rows).execute();
  }
  for (const some of chunksOf(plan.credentials)) {
    const rows = some.map(({ holder, factor, value }) =>
      credentialRowFrom(sealer, factor, value, { holder, estate, by, at }),
    );
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('dipper.access_credential')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['estate', 'factor', 'fingerprint']).where('fingerprint', 'is not', null).doNothing(),
      )
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== BigInt(rows.length)) throw new DipperError('CREDENTIAL_IN_USE');
  }
  for (const some of chunksOf(plan.permits)) {
    const rows = some.map(
      ({ holder, accessPoints, schedule, untilMs }): Insertable<HolderTables['dipper.access_permit']> => ({
        ...{ id: randomUUID(), holder, estate, access_points: [...accessPoints], schedule, credential: null },
        ...{ valid_from: at, valid_until: untilMs === null ? null : new Date(untilMs), uses: null },
        ...{ ended_at: null, ended_by: null, created_at: at, created_by: by },
      }),
    );
    await tx.insertInto('dipper.access_permit').values(rows).execute();
  }
}

function chunksOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / ROWS_AT_ONCE) }, (_, index) =>
    items.slice(index * ROWS_AT_ONCE, (index + 1) * ROWS_AT_ONCE),
  );
}
