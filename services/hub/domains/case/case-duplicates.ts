import { sql } from 'kysely';
import type { Db, Tx } from '../../database/pool.ts';
import { type Scope, withinScope } from '../../scope/scope.ts';
import type { BriefRow } from './case-view.ts';

/** What was reported longer ago is another matter, or has its own reasons to be open still. */
const ALIKE_WITHIN_MS = 7 * 24 * 3_600_000;
const LOCATION = { estate: 'estate', place: 'place', grid: 'grid' };
const MAX_SHOWN = 10;
const BRIEF = ['id', 'number', 'title_zh', 'title_en', 'state', 'opened_at'] as const;

/** Where and what a case is about. */
export interface CaseMatter {
  readonly category: string;
  readonly place: string | null;
  readonly estate: string | null;
  readonly grid: string | null;
}

/**
 * Open cases that may be about the same: same category, opened within a week, and the same place; where one of the two
 * names no place, the same estate; where one names neither, the same grid. Newest first.
 *
 * @param except a case that is not compared with itself
 */
export function findDuplicates(
  db: Db | Tx,
  matter: CaseMatter,
  at: Date,
  scope: Scope,
  except?: string,
): Promise<BriefRow[]> {
  const { place, estate, grid } = matter;
  let select = db
    .selectFrom('dipper.grid_case')
    .select(BRIEF)
    .where('category', '=', matter.category)
    .where('closed_at', 'is', null)
    .where(withinScope(scope, LOCATION))
    .where('opened_at', '>', new Date(at.getTime() - ALIKE_WITHIN_MS))
    .where('opened_at', '<', new Date(at.getTime() + ALIKE_WITHIN_MS))
    .where(
      sql<boolean>`case
        when place is not null and ${place}::text is not null then place = ${place}
        when estate is not null and ${estate}::text is not null then estate = ${estate}
        else grid is not null and grid = ${grid} end`,
    )
    .orderBy('opened_at', 'desc')
    .limit(MAX_SHOWN);
  if (except !== undefined) select = select.where('id', '<>', except);
  return select.execute();
}

/** Cases that were merged into one, oldest first. */
export function listMerged(db: Db | Tx, into: string, scope: Scope): Promise<BriefRow[]> {
  return db
    .selectFrom('dipper.grid_case')
    .select(BRIEF)
    .where('merged_into', '=', into)
    .where(withinScope(scope, LOCATION))
    .orderBy('opened_at')
    .execute();
}
