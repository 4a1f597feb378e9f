import { randomUUID } from 'node:crypto';
import type { CaseStep, CaseStepAction } from '@dipper/contract/api/case';
import { type Insertable, sql } from 'kysely';
import type { Db, Tx } from '../../database/pool.ts';
import type { CaseStepRow, CaseStepTable, GridCaseRow } from './case.tables.ts';

export type NewStep = Partial<
  Omit<Insertable<CaseStepTable>, 'id' | 'grid_case' | 'ordinal' | 'action' | 'by' | 'at'>
> & {
  readonly action: CaseStepAction;
  readonly by: string;
  readonly at: Date;
};

/** What a step is written against: the case as it is after it. */
export type SteppedCase = Pick<GridCaseRow, 'id' | 'state' | 'round' | 'deadline_at'>;

/**
 * Writes a step behind the last one; the caller holds the case's row. What is left out of the step is that of the case:
 * a step that changes no state keeps it.
 * @returns its id
 */
export async function insertStep(tx: Tx, gridCase: SteppedCase, step: NewStep): Promise<string> {
  const id = randomUUID();
  const { steps } = await tx
    .updateTable('dipper.grid_case')
    .set({ steps: sql<number>`steps + 1`, ...(step.note == null ? {} : { has_words: true }) })
    .where('id', '=', gridCase.id)
    .returning('steps')
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('dipper.case_step')
    .values({
      from_state: gridCase.state,
      to_state: gridCase.state,
      note: null,
      assignee: null,
      taken_at: step.at,
      clamped: false,
      request: null,
      until: null,
      other: null,
      attachment: null,
      rating: null,
      key: null,
      ...step,
      id,
      grid_case: gridCase.id,
      ordinal: steps,
      round: gridCase.round,
      deadline_at: gridCase.deadline_at,
    })
    .execute();
  return id;
}

/** Steps in the order in which they were taken. */
export function listSteps(db: Db | Tx, id: string): Promise<CaseStepRow[]> {
  return db.selectFrom('dipper.case_step').selectAll().where('grid_case', '=', id).orderBy('ordinal').execute();
}

/** The step that was taken with a key; undefined when none was. */
export function findStepByKey(tx: Tx, gridCase: string, key: string): Promise<CaseStepRow | undefined> {
  return tx
    .selectFrom('dipper.case_step')
    .selectAll()
    .where('grid_case', '=', gridCase)
    .where('key', '=', key)
    .executeTakeFirst();
}

/** @param names display names by account name */
export function stepFromRow(row: CaseStepRow, names: ReadonlyMap<string, string>): CaseStep {
  return {
    id: row.id,
    action: row.action,
    from: row.from_state,
    to: row.to_state,
    round: row.round,
    by: row.by,
    byName: names.get(row.by) ?? null,
    note: row.note,
    at: row.at.toISOString(),
    takenAt: row.taken_at.toISOString(),
    clamped: row.clamped,
    assignee: row.assignee,
    assigneeName: row.assignee === null ? null : (names.get(row.assignee) ?? null),
    request: row.request,
    until: row.until?.toISOString() ?? null,
    deadlineAt: row.deadline_at.toISOString(),
    other: row.other,
    attachment: row.attachment,
    rating: row.rating,
  };
}
