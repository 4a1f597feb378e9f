import type { AccountScope } from '@dipper/contract/api/account';
import { type QueryExecutorProvider, sql } from 'kysely';
import { NOWHERE, type PlaceScope, type Scope } from './scope.ts';

/**
 * What the places that an account was given stand for at this moment: a community for its estates and grids, a grid for
 * the places in it. An id that does not exist (any more) stands for nothing.
 */
export async function resolveScope(database: QueryExecutorProvider, scope: AccountScope | null): Promise<Scope> {
  if (scope === null) return 'everywhere';
  const idsOf = (level: AccountScope[number]['level']): string[] =>
    scope.filter((entry) => entry.level === level).map(({ id }) => id);
  const { rows } = await sql<PlaceScope>`
    with community as (
      select id from dipper.community where id = any(${idsOf('community')}::text[]) or subdistrict = any(${idsOf('subdistrict')}::text[])
    ), grid as (
      select id from dipper.grid where id = any(${idsOf('grid')}::text[]) or community in (select id from community)
    )
    select array(select id from dipper.estate
                  where id = any(${idsOf('estate')}::text[]) or community in (select id from community)) as estates,
           array(select id from grid) as grids,
           array(select id from dipper.place where grid in (select id from grid)) as places`.execute(database);
  return rows[0] ?? NOWHERE;
}

/** The same of many accounts, in their order; accounts of the same places are asked for once. */
export async function resolveScopes(
  database: QueryExecutorProvider,
  scopes: readonly (AccountScope | null)[],
): Promise<Scope[]> {
  const known = new Map<string, Scope>();
  for (const scope of scopes) {
    const key = JSON.stringify(scope);
    if (!known.has(key)) known.set(key, await resolveScope(database, scope));
  }
  return scopes.map((scope) => known.get(JSON.stringify(scope)) ?? NOWHERE);
}
