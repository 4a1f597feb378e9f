import { DipperError } from '@dipper/contract/errors';
import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import type { ChangeSet } from '../change/change-set.ts';
import { isEnded } from './case-states.ts';
import { insertStep } from './case-step.repository.ts';
import { findCases, type HandledCaseRow } from './grid-case.repository.ts';

/** Locks a case, and the other one of a merge or its undoing, always in the same order; then reads them. */
export async function lockCaseAndOther(
  tx: Tx,
  id: string,
  other: string | undefined,
): Promise<{ readonly gridCase: HandledCaseRow | undefined; readonly other: HandledCaseRow | undefined }> {
  const ids = other === undefined ? [id] : [id, other];
  await tx
    .selectFrom('dipper.grid_case')
    .select('id')
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .orderBy('id')
    .forUpdate()
    .execute();
  const rows = await findCases(tx, ids);
  return { gridCase: rows.find((row) => row.id === id), other: rows.find((row) => row.id === other) };
}

/** The case that a merged one was merged into, before anything is locked. */
export async function findMergeTarget(tx: Tx, id: string): Promise<string | undefined> {
  const row = await tx.selectFrom('dipper.grid_case').select('merged_into').where('id', '=', id).executeTakeFirst();
  return row?.merged_into ?? undefined;
}

/**
 * Whether a case may take another one in: it has to be another, still open.
 * @throws DipperError MERGE_NOT_ALLOWED
 */
export function checkMergeTarget(
  from: HandledCaseRow,
  into: HandledCaseRow | undefined,
): asserts into is HandledCaseRow {
  if (into === undefined || into.id === from.id || isEnded(into.state)) throw new DipperError('MERGE_NOT_ALLOWED');
}

/** Tells the case that stays, or stayed, of the other one. Its version counts on: what it stands for has changed. */
export async function noteOther(
  tx: Tx,
  changes: ChangeSet,
  {
    gridCase,
    other,
    action,
    by,
    at,
  }: {
    readonly gridCase: HandledCaseRow;
    readonly other: string;
    readonly action: 'absorb' | 'release';
    readonly by: string;
    readonly at: Date;
  },
): Promise<void> {
  await tx
    .updateTable('dipper.grid_case')
    .set({ version: gridCase.version + 1 })
    .where('id', '=', gridCase.id)
    .execute();
  await insertStep(tx, gridCase, { action, other, by, at });
  changes.updated('case', gridCase.id);
}

/** Residents whose reports were merged into a case that is taken up again may say anew how it was dealt with. */
export async function askAgain(tx: Tx, into: string): Promise<void> {
  await sql`
    with recursive merged (id) as (
      select id from dipper.grid_case where merged_into = ${into}
      union select next.id from dipper.grid_case next join merged on next.merged_into = merged.id)
    update dipper.grid_case set satisfaction = null
     where satisfaction is not null and id in (select id from merged)`.execute(tx);
}
