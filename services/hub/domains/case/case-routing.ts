import type { Assignee } from '@dipper/contract/api/case';
import { ROLES, type Role } from '@dipper/contract/api/session';
import { sql } from 'kysely';
import type { Db } from '../../database/pool.ts';
import type { GridCaseRow } from './case.tables.ts';

/** Who should get a case. */
export interface CaseRouting {
  /** A worker of its grid, whoever has the fewest open cases; null when the grid has none. */
  suggest(gridCase: Pick<GridCaseRow, 'grid'>): Promise<Assignee | null>;
}

/** Routes by grid: whose account was given that very grid as its scope works there. */
export function createCaseRouting(db: Db): CaseRouting {
  return {
    async suggest({ grid }) {
      if (grid === null) return null;
      const itsOwn = JSON.stringify([{ level: 'grid', id: grid }]);
      const { rows } = await sql<{ name: string; display_name: string; roles: string[] }>`
        select name, display_name, roles from dipper.account account
         where disabled_at is null and 'grid-worker' = any(roles) and scope @> ${itsOwn}::jsonb
         order by (select count(*) from dipper.grid_case given
                    where given.assignee = account.name and given.closed_at is null), name
         limit 1`.execute(db);
      const [row] = rows;
      if (row === undefined) return null;
      const roles = ROLES.filter((role): role is Role => row.roles.includes(role));
      return { name: row.name, displayName: row.display_name, roles };
    },
  };
}
