import { type RawBuilder, sql } from 'kysely';

/**
 * What part of the subdistrict an account is about. A thing lies within when its estate, its place or its grid does; what
 * lies nowhere is for accounts with the scope `everywhere` alone.
 */
export type Scope = 'everywhere' | PlaceScope;

export interface PlaceScope {
  readonly estates: readonly string[];
  readonly grids: readonly string[];
  /** Places in these grids. */
  readonly places: readonly string[];
}

/** A scope that holds nothing. */
export const NOWHERE: PlaceScope = { estates: [], grids: [], places: [] };

/** Where something lies; what does not apply is absent. */
export interface Location {
  readonly estate?: string | null;
  readonly place?: string | null;
  readonly grid?: string | null;
}

/** Whether something lies in a scope. */
export function isWithin(scope: Scope, { estate, place, grid }: Location): boolean {
  if (scope === 'everywhere') return true;
  const has = (ids: readonly string[], id: string | null | undefined): boolean => id != null && ids.includes(id);
  return has(scope.estates, estate) || has(scope.places, place) || has(scope.grids, grid);
}

/** What lies in both, kind of id by kind of id: where those differ, rather less than more. */
export function intersectScopes(one: Scope, other: Scope): Scope {
  if (one === 'everywhere') return other;
  if (other === 'everywhere') return one;
  const shared = (kind: keyof PlaceScope): string[] => one[kind].filter((id) => other[kind].includes(id));
  return { estates: shared('estates'), grids: shared('grids'), places: shared('places') };
}

/**
 * `isWithin` as a condition of SQL.
 * @param columns names of columns, qualified where needed; absent where a table has none
 */
export function withinScope(
  scope: Scope,
  columns: { readonly estate?: string; readonly place?: string; readonly grid?: string },
): RawBuilder<boolean> {
  if (scope === 'everywhere') return sql<boolean>`true`;
  const conditions = (
    [
      [columns.estate, scope.estates],
      [columns.place, scope.places],
      [columns.grid, scope.grids],
    ] as const
  ).flatMap(([column, ids]) =>
    column === undefined || ids.length === 0 ? [] : [sql`${sql.ref(column)} = any(${ids}::text[])`],
  );
  if (conditions.length === 0) return sql<boolean>`false`;
  return sql<boolean>`(coalesce(${sql.join(conditions, sql` or `)}, false))`;
}
