import type { CaseFigure } from '@dipper/contract/api/case-figures';
import { sql } from 'kysely';
import type { Db } from '../../database/pool.ts';
import { type Scope, withinScope } from '../../scope/scope.ts';

const COUNTS = [
  'opened',
  'closed',
  'onTime',
  'late',
  'overdue',
  'returned',
  'rejected',
  'reopened',
  'satisfied',
  'neutral',
  'dissatisfied',
] as const;

type FigureRow = Pick<CaseFigure, 'grid' | 'platform'> & Record<(typeof COUNTS)[number], string>;

/**
 * Counts what happened from one instant on, before another, by grid and platform. From steps alone, by the hub's clock
 * (the time that a phone claims moves nothing), and each closing against the deadline that its own step recorded: who
 * moves a deadline afterwards moves no figure, and neither does the end of a record's time. What was overdue is read off the last step before the end.
 */
export async function countCases(db: Db, from: Date, until: Date, scope: Scope): Promise<CaseFigure[]> {
  const { rows } = await sql<FigureRow>`
    with happened as (
      select step.grid_case,
             count(*) filter (where action in ('report', 'reopen')) as opened,
             count(*) filter (where action = 'close') as closed,
             count(*) filter (where action = 'close' and at <= deadline_at) as on_time,
             count(*) filter (where action = 'approve' and request = 'return') as returned,
             count(*) filter (where action = 'reject') as rejected,
             count(*) filter (where action = 'reopen') as reopened,
             count(*) filter (where rating = 'satisfied') as satisfied,
             count(*) filter (where rating = 'neutral') as neutral,
             count(*) filter (where rating = 'dissatisfied') as dissatisfied
        from dipper.case_figure_step step where at >= ${from} and at < ${until} group by step.grid_case
    ), standing as (
      select distinct on (step.grid_case) step.grid_case, to_state, deadline_at, estate, place, grid, platform,
             coalesce((select last.action = 'approve' from dipper.case_figure_step last
                        where last.grid_case = step.grid_case and last.at < ${until}
                          and (last.action = 'resume' or (last.action = 'approve' and last.request = 'suspend'))
                        order by last.ordinal desc limit 1), false) as suspended
        from dipper.case_figure_step step where at < ${until} order by step.grid_case, ordinal desc
    )
    select standing.grid, standing.platform,
           coalesce(sum(opened), 0) as opened, coalesce(sum(closed), 0) as closed,
           coalesce(sum(on_time), 0) as "onTime", coalesce(sum(closed - on_time), 0) as late,
           count(*) filter (where not suspended and standing.deadline_at < ${until}
                              and to_state not in ('closed', 'voided', 'merged')) as overdue,
           coalesce(sum(returned), 0) as returned, coalesce(sum(rejected), 0) as rejected,
           coalesce(sum(reopened), 0) as reopened, coalesce(sum(satisfied), 0) as satisfied,
           coalesce(sum(neutral), 0) as neutral, coalesce(sum(dissatisfied), 0) as dissatisfied
      from standing
      left join happened on happened.grid_case = standing.grid_case
     where ${withinScope(scope, { estate: 'standing.estate', place: 'standing.place', grid: 'standing.grid' })}
     group by standing.grid, standing.platform
     order by standing.grid nulls last, standing.platform`.execute(db);
  return rows
    .map(({ grid, platform, ...counts }) => ({
      grid,
      platform,
      ...(Object.fromEntries(COUNTS.map((name) => [name, Number(counts[name])])) as Record<
        (typeof COUNTS)[number],
        number
      >),
    }))
    .filter((row) => COUNTS.some((name) => row[name] > 0));
}
