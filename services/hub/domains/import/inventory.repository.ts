import type { ImportKind } from '@dipper/contract/api/import';
import { ROLES } from '@dipper/contract/api/session';
import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import { nameKeyOf } from '../account/account.repository.ts';
import type { Inventory, KnownThing, Values } from './inventory.ts';

type Row = Readonly<Record<string, unknown>>;

const PLACE_KINDS = ['subdistrict', 'community', 'grid', 'estate', 'agent', 'place', 'device'] as const;
type PlaceKind = (typeof PLACE_KINDS)[number];

/** Columns that an import knows. */
export const COLUMNS: Readonly<Record<PlaceKind, readonly string[]>> = {
  subdistrict: ['id', 'name_zh', 'name_en'],
  community: ['id', 'name_zh', 'name_en', 'subdistrict'],
  grid: ['id', 'name_zh', 'name_en', 'community', 'kind', 'boundary'],
  estate: ['id', 'name_zh', 'name_en', 'community'],
  agent: ['id', 'estate', 'configured'],
  place: ['id', 'name_zh', 'name_en', 'estate', 'grid', 'kind', 'latitude_deg', 'longitude_deg', 'hours'],
  device: ['id', 'name_zh', 'name_en', 'agent', 'place', 'kind', 'configured'],
};

/** Everything that an import may find or change. */
export async function readInventory(tx: Tx): Promise<Inventory> {
  const places = {} as Record<PlaceKind, ReadonlyMap<string, KnownThing>>;
  for (const kind of PLACE_KINDS) {
    const columns = sql.join(COLUMNS[kind].map((column) => sql.ref(column)));
    const { rows } = await sql<Row>`select ${columns}, source from ${sql.table(`dipper.${kind}`)} order by id`.execute(
      tx,
    );
    places[kind] = keyed(
      rows,
      ({ id }) => String(id),
      ({ source, configured }) => source === 'import' && configured !== false,
      (row) => row,
    );
  }
  const staff = await sql<Row>`
    select name, display_name, roles, scope, disabled_at is not null as disabled,
           exists (select from dipper.imported_account where account_id = account.id) as imported
      from dipper.account order by name_key`.execute(tx);
  const roster = await sql<Row>`
    select id, grid, account, platform, weekdays, on_date::text, off, span, from_date::text, until_date::text
      from dipper.duty order by id`.execute(tx);
  return {
    ...places,
    staff: keyed(
      staff.rows,
      ({ name }) => nameKeyOf(String(name)),
      ({ imported, disabled }) => imported === true && disabled !== true,
      ({ name, display_name, roles, scope, disabled, imported }) => ({
        ...{ name, display_name, disabled, imported },
        roles: ROLES.filter((role) => (roles as string[]).includes(role)),
        scope: scopeOf(scope),
      }),
    ),
    roster: keyed(
      roster.rows,
      ({ id }) => String(id),
      () => true,
      ({ id: _, ...row }) => row,
    ),
  };
}

function keyed(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  isRemovable: (row: Row) => boolean,
  valuesOf: (row: Row) => Values,
): Map<string, KnownThing> {
  return new Map(rows.map((row) => [keyOf(row), { values: valuesOf(row), isRemovable: isRemovable(row) }]));
}

function scopeOf(scope: unknown): unknown {
  if (!Array.isArray(scope)) return null;
  const nameOf = ({ level, id }: { level: string; id: string }): string => `${level} ${id}`;
  return scope.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** Which of these things alarms, incidents or cases happened in; as `kind id`. */
export async function findInHistory(
  tx: Tx,
  things: readonly { readonly kind: ImportKind; readonly id: string }[],
): Promise<Set<string>> {
  const of = (kind: ImportKind): string[] => things.filter((thing) => thing.kind === kind).map(({ id }) => id);
  const named = (kind: 'estate' | 'place' | 'grid', tables: readonly string[]): RawBuilder<unknown>[] =>
    tables.map(
      (table) => sql`
        select distinct ${kind} || ' ' || ${sql.ref(kind)} as thing from ${sql.table(table)}
         where ${sql.ref(kind)} = any(${of(kind)}::text[])`,
    );
  const located = ['dipper.grid_case', 'dipper.alarm', 'dipper.incident'];
  const queries = [...named('estate', located), ...named('place', located), ...named('grid', ['dipper.grid_case'])];
  const { rows } = await sql<{ thing: string }>`${sql.join(queries, sql` union `)}`.execute(tx);
  return new Set(rows.map(({ thing }) => thing));
}
