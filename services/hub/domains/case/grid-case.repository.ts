import type { CaseStep } from '@dipper/contract/api/case';
import type { PageQuery } from '@dipper/contract/api/page';
import { sql } from 'kysely';
import { rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { Db, Tx } from '../../database/pool.ts';
import type { GridCaseRow } from '../../database/schema.ts';
import type { GridCaseFilter } from '../../services.ts';

export type HandledCaseRow = GridCaseRow & { handlers: string[] };

const EQUALITIES = ['state', 'platform', 'priority', 'estate', 'place', 'grid', 'assignee', 'incident'] as const;

function selectCases(db: Db | Tx) {
  return db
    .selectFrom('dipper.grid_case as grid_case')
    .selectAll('grid_case')
    .select(
      sql<string[]>`array(select distinct step.by from dipper.case_step step
                           where step.grid_case = grid_case.id and step.action = 'handle')`.as('handlers'),
    );
}

/** One row more than the page holds, newest first. */
export async function listCases(db: Db, query: PageQuery & GridCaseFilter, now: Date): Promise<HandledCaseRow[]> {
  let select = selectCases(db)
    .orderBy('grid_case.opened_at', 'desc')
    .orderBy('grid_case.id', 'desc')
    .limit(rowLimitOf(query));
  for (const column of EQUALITIES) {
    const value = query[column];
    if (value !== undefined) select = select.where(`grid_case.${column}`, '=', value);
  }
  if (query.overdue !== undefined) {
    const isOverdue = sql<boolean>`(grid_case.deadline_at < ${now} and grid_case.closed_at is null)`;
    select = select.where(isOverdue, '=', query.overdue);
  }
  const after = timeCursorOf(query);
  if (after !== undefined) {
    select = select.where(sql<boolean>`(grid_case.opened_at, grid_case.id) < (${after.at}, ${after.id}::uuid)`);
  }
  return select.execute();
}

export function findCases(db: Db | Tx, ids: readonly string[]): Promise<HandledCaseRow[]> {
  return selectCases(db).where('grid_case.id', '=', sql<string>`any(${ids}::uuid[])`).execute();
}

/** The row, locked until the transaction ends. */
export async function lockCase(tx: Tx, id: string): Promise<HandledCaseRow | undefined> {
  const locked = await tx
    .selectFrom('dipper.grid_case')
    .select('id')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return locked === undefined ? undefined : (await findCases(tx, [id]))[0];
}

/** Steps in the order in which they were taken. */
export async function listCaseSteps(db: Db | Tx, id: string): Promise<CaseStep[]> {
  const rows = await db
    .selectFrom('dipper.case_step')
    .selectAll()
    .where('grid_case', '=', id)
    .orderBy('ordinal')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    action: row.action,
    from: row.from_state,
    to: row.to_state,
    by: row.by,
    note: row.note,
    at: row.at.toISOString(),
  }));
}

/** Alarms of the case's incident, oldest first. */
export async function listAlarmsOfCase(db: Db, incident: string | null): Promise<string[]> {
  if (incident === null) return [];
  const rows = await db
    .selectFrom('dipper.alarm')
    .select('id')
    .where('incident', '=', incident)
    .orderBy('raised_at')
    .execute();
  return rows.map(({ id }) => id);
}
