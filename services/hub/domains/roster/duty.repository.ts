import type { Platform } from '@dipper/contract/api/case';
import { type Kysely, type Selectable, sql } from 'kysely';
import { type DutyTurn, turnsAt } from './duty-turn.ts';
import type { DutyTable } from './roster.tables.ts';

export interface DutyRow extends Selectable<DutyTable> {
  readonly grid_zh: string;
  readonly grid_en: string;
  readonly display_name: string;
}

/**
 * Who is on duty at an instant, by grid and name; accounts that are disabled are not.
 * @param filter `platform` finds those of this one and those of all of them
 */
export async function listOnDuty(
  // biome-ignore lint/suspicious/noExplicitAny: whatever tables the caller knows besides
  db: Kysely<any>,
  at: Date,
  filter: { readonly grids?: readonly string[]; readonly platform?: Platform } = {},
): Promise<DutyTurn<DutyRow>[]> {
  const { grids, platform } = filter;
  const { rows } = await sql<DutyRow>`
    select duty.id, duty.grid, account.name as account, duty.platform, duty.weekdays, duty.on_date::text, duty.off,
           duty.span, duty.from_date::text, duty.until_date::text,
           grid.name_zh as grid_zh, grid.name_en as grid_en, account.display_name
      from dipper.duty
      join dipper.grid on grid.id = duty.grid
      join dipper.account on account.name = duty.account
     where account.disabled_at is null
       ${grids === undefined ? sql`` : sql`and duty.grid = any(${[...grids]}::text[])`}
       ${platform === undefined ? sql`` : sql`and (duty.platform is null or duty.platform = ${platform} or duty.off)`}
     order by duty.grid, account.name, duty.id`.execute(db);
  return turnsAt(rows, at);
}
