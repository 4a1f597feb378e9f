import type { Assignee } from '@dipper/contract/api/case';
import { ROLES, type Role } from '@dipper/contract/api/session';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../database/pool.ts';
import { listOnDuty } from '../roster/duty.repository.ts';
import type { GridCaseRow } from './case.tables.ts';

/** Who should get a case. */
export interface CaseRouting {
  /**
   * Whoever is on duty in its grid for its platform; while nobody is, a worker of the grid. Of several, whoever has the
   * fewest open cases; null when there is nobody.
   */
  suggest(gridCase: Pick<GridCaseRow, 'grid' | 'platform'>): Promise<Assignee | null>;
}

/** Routes by the duty roster, and without one by grid: whose account was given that very grid as its scope works there. */
export function createCaseRouting(db: Db, now: () => number): CaseRouting {
  return {
    async suggest({ grid, platform }) {
      if (grid === null) return null;
      const turns = await listOnDuty(db, new Date(now()), { grids: [grid], platform });
      const onDuty = turns.map(({ line }) => line.account);
      const itsOwn = JSON.stringify([{ level: 'grid', id: grid }]);
      return (
        (await leastLoaded(db, sql`name = any(${onDuty}::text[])`)) ??
        (await leastLoaded(db, sql`scope @> ${itsOwn}::jsonb`))
      );
    },
  };
}

async function leastLoaded(db: Db, among: RawBuilder<unknown>): Promise<Assignee | null> {
  const { rows } = await sql<{ name: string; display_name: string; roles: string[] }>`
    select name, display_name, roles from dipper.account account
     where disabled_at is null and 'grid-worker' = any(roles) and ${among}
     order by (select count(*) from dipper.grid_case given
                where given.assignee = account.name and given.closed_at is null), name
     limit 1`.execute(db);
  const [row] = rows;
  if (row === undefined) return null;
  const roles = ROLES.filter((role): role is Role => row.roles.includes(role));
  return { name: row.name, displayName: row.display_name, roles };
}
