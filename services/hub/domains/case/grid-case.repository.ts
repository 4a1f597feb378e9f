import type { CaseState } from '@dipper/contract/api/case';
import type { PageQuery } from '@dipper/contract/api/page';
import { sql } from 'kysely';
import { rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { Db, Tx } from '../../database/pool.ts';
import { isWithin, type Location, type Scope, withinScope } from '../../scope/scope.ts';
import type { Actor, GridCaseFilter } from '../../services.ts';
import type { GridCaseRow } from './case.tables.ts';

export type HandledCaseRow = GridCaseRow & { handlers: string[]; state_before_merge: CaseState | null };

const EQUALITIES = [
  'state',
  'platform',
  'priority',
  'category',
  'source',
  'estate',
  'place',
  'grid',
  'assignee',
  'incident',
  'leader',
] as const;

function selectCases(db: Db | Tx) {
  return db
    .selectFrom('dipper.grid_case as grid_case')
    .selectAll('grid_case')
    .select([
      // Also of cases that were merged into it, and into those: nobody verifies own work by way of a merge.
      sql<string[]>`array(
        with recursive one (id) as (
          select grid_case.id
          union select merged.id from dipper.grid_case merged join one on merged.merged_into = one.id)
        select distinct step.by from dipper.case_step step join one on step.grid_case = one.id
         where step.action = 'handle')`.as('handlers'),
      sql<CaseState | null>`(
        select step.from_state from dipper.case_step step
         where step.grid_case = grid_case.id and step.action = 'merge' order by step.ordinal desc limit 1)`.as(
        'state_before_merge',
      ),
    ]);
}

/** Whether somebody sees a case: it lies in the scope, or is in this person's hands, wherever it lies. */
export function seesCase(
  scope: Scope,
  name: string,
  gridCase: Location & Pick<GridCaseRow, 'assignee' | 'leader'>,
): boolean {
  return isWithin(scope, gridCase) || gridCase.assignee === name || gridCase.leader === name;
}

/** One row more than the page holds, newest first. @param name of the account that asks */
export async function listCases(
  db: Db,
  query: PageQuery & GridCaseFilter,
  name: string,
  now: Date,
): Promise<HandledCaseRow[]> {
  let select = selectCases(db)
    .orderBy('grid_case.opened_at', 'desc')
    .orderBy('grid_case.id', 'desc')
    .limit(rowLimitOf(query));
  for (const column of EQUALITIES) {
    const value = query[column];
    if (value !== undefined) select = select.where(`grid_case.${column}`, '=', value);
  }
  if (query.within !== undefined) {
    const where = { estate: 'grid_case.estate', place: 'grid_case.place', grid: 'grid_case.grid' };
    const isSeen = sql<boolean>`(${withinScope(query.within, where)}
                                 or coalesce(${name} in (grid_case.assignee, grid_case.leader), false))`;
    select = select.where(isSeen);
  }
  if (query.overdue !== undefined) {
    const isOverdue = sql<boolean>`(grid_case.deadline_at < coalesce(grid_case.suspended_at, ${now})
                                    and grid_case.closed_at is null)`;
    select = select.where(isOverdue, '=', query.overdue);
  }
  const conditions = [
    [query.open, sql<boolean>`(grid_case.closed_at is null)`],
    [query.supervised, sql<boolean>`(grid_case.supervised_at is not null and grid_case.closed_at is null)`],
    [query.requested, sql<boolean>`(grid_case.request is not null)`],
  ] as const;
  for (const [wanted, holds] of conditions) {
    if (wanted !== undefined) select = select.where(holds, '=', wanted);
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

/** Those of them that whoever asks sees. */
export async function findCasesOf(db: Db | Tx, ids: readonly string[], actor: Actor): Promise<HandledCaseRow[]> {
  return (await findCases(db, ids)).filter((row) => seesCase(actor.scope, actor.name, row));
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

/** Display names of accounts by name; who has no account, e.g. a rule, is left out. */
export async function findDisplayNames(db: Db | Tx, names: Iterable<string | null>): Promise<Map<string, string>> {
  const wanted = [...new Set(names)].filter((name) => name !== null);
  if (wanted.length === 0) return new Map();
  const { rows } = await sql<{ name: string; display_name: string }>`
    select name, display_name from dipper.account where name = any(${wanted}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.name, row.display_name]));
}
