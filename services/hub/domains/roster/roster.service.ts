import type { DutyView } from '@dipper/contract/api/roster';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import type { Db } from '../../database/pool.ts';
import type { Scope } from '../../scope/scope.ts';
import { type DutyRow, listOnDuty } from './duty.repository.ts';
import type { DutyTurn } from './duty-turn.ts';

export interface RosterQuery {
  /** RFC 3339; now when absent. */
  readonly at?: string;
  readonly grid?: string;
  readonly within?: Scope;
}

export interface RosterService {
  /** Who is on duty, by grid and name. @throws DipperError REQUEST_INVALID */
  onDuty(query: RosterQuery): Promise<DutyView[]>;
}

export function createRosterService(db: Db, now: () => number): RosterService {
  return {
    onDuty: ({ at, grid, within = 'everywhere' }) =>
      translateUnavailable(async () => {
        const grids = grid === undefined ? undefined : [grid];
        const instant = at === undefined ? new Date(now()) : new Date(at);
        if (Number.isNaN(instant.getTime())) {
          throw new DipperError('REQUEST_INVALID', { message: '/query/at: is no point in time' });
        }
        const turns = await listOnDuty(db, instant, grids === undefined ? {} : { grids });
        return turns
          .filter(({ line }) => within === 'everywhere' || within.grids.includes(line.grid))
          .map(dutyFromTurn);
      }),
  };
}

function dutyFromTurn({ line, from, until }: DutyTurn<DutyRow>): DutyView {
  return {
    grid: line.grid,
    gridName: { zh: line.grid_zh, en: line.grid_en },
    name: line.account,
    displayName: line.display_name,
    platform: line.platform,
    from: from.toISOString(),
    until: until.toISOString(),
  };
}
