import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../scope/scope.ts';

/**
 * Whether an account works in a community that a scope reaches into, as a condition on `dipper.account`. A community is
 * the smallest part that always has whole grids and whole estates, so that who has a grid is found by who has an estate
 * in it. Whose scope is everywhere works near everybody.
 */
export function worksNear(scope: Scope): RawBuilder<boolean> {
  if (scope === 'everywhere') return sql<boolean>`true`;
  const { estates, grids } = scope;
  return sql<boolean>`(account.scope is null or exists (
    select from jsonb_to_recordset(account.scope) as given (level text, id text)
      join dipper.community community on
        case given.level
          when 'subdistrict' then community.subdistrict = given.id
          when 'community' then community.id = given.id
          when 'grid' then community.id = (select grid.community from dipper.grid grid where grid.id = given.id)
          when 'estate' then community.id = (select estate.community from dipper.estate estate where estate.id = given.id)
        end
     where community.id in (select community from dipper.estate where id = any(${estates}::text[])
                      union select community from dipper.grid where id = any(${grids}::text[]))))`;
}
