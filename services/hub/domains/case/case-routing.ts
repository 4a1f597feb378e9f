import type { Assignee } from '@dipper/contract/api/case';
import type { Db } from '../../database/pool.ts';
import type { GridCaseRow } from './case.tables.ts';

/** Who should get a case. */
export interface CaseRouting {
  /** Whoever is on duty for its grid and platform, least loaded first; null when nobody is. */
  suggest(gridCase: Pick<GridCaseRow, 'grid' | 'platform'>, atMs: number): Promise<Assignee | null>;
}

export function createCaseRouting(_db: Db): CaseRouting {
  return { suggest: async () => null };
}
