import type { GeoPoint, GridAt, PlaceTree } from '@dipper/contract/api/place-tree';
import { sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import type { Db } from '../../database/pool.ts';
import { type Scope, withinScope } from '../../scope/scope.ts';
import { listOnDuty } from '../roster/duty.repository.ts';
import { findGridAt } from './grid-at.repository.ts';

interface NamedRow {
  readonly id: string;
  readonly name_zh: string;
  readonly name_en: string;
}
interface GridRow extends NamedRow {
  readonly community: string;
  readonly kind: PlaceTree['grids'][number]['kind'];
  readonly has_boundary: boolean;
  readonly places: number;
  readonly devices: number;
  readonly open_cases: number;
}
type EstateRow = Omit<GridRow, 'kind' | 'has_boundary'>;

export interface PlaceTreeService {
  read(query: { readonly within?: Scope }): Promise<PlaceTree>;
  /** The grid that a point lies in, wherever that is: what is at a point is no secret. */
  findGridAt(point: GeoPoint): Promise<GridAt['grid']>;
}

const named = ({ id, name_zh, name_en }: NamedRow) => ({ id, name: { zh: name_zh, en: name_en } });

export function createPlaceTreeService(db: Db, now: () => number): PlaceTreeService {
  return {
    read: ({ within = 'everywhere' }) =>
      translateUnavailable(async () => {
        const grids = await listGrids(db, within);
        const estates = await listEstates(db, within);
        const seen = [...new Set([...grids, ...estates].map(({ community }) => community))];
        const isWhole = within === 'everywhere';
        const communities = await sql<NamedRow & { subdistrict: string }>`
          select id, name_zh, name_en, subdistrict from dipper.community
           where ${isWhole} or id = any(${seen}::text[]) order by id`.execute(db);
        const subdistricts = await sql<NamedRow>`
          select id, name_zh, name_en from dipper.subdistrict
           where ${isWhole} or id = any(${communities.rows.map(({ subdistrict }) => subdistrict)}::text[])
           order by id`.execute(db);
        const turns = await listOnDuty(db, new Date(now()), { grids: grids.map(({ id }) => id) });
        const namesOn = (grid: string): string[] => [
          ...new Set(turns.flatMap(({ line }) => (line.grid === grid ? [line.display_name] : []))),
        ];
        return {
          subdistricts: subdistricts.rows.map(named),
          communities: communities.rows.map((row) => ({ ...named(row), subdistrict: row.subdistrict })),
          grids: grids.map((row) => ({
            ...named(row),
            community: row.community,
            kind: row.kind,
            hasBoundary: row.has_boundary,
            places: row.places,
            devices: row.devices,
            openCases: row.open_cases,
            onDuty: namesOn(row.id),
          })),
          estates: estates.map((row) => ({
            ...named(row),
            community: row.community,
            places: row.places,
            devices: row.devices,
            openCases: row.open_cases,
          })),
        };
      }),
    findGridAt: (point) =>
      translateUnavailable(async () => {
        const found = await findGridAt(db, point);
        return found === undefined ? null : { ...named(found), community: found.community };
      }),
  };
}

async function listGrids(db: Db, scope: Scope): Promise<GridRow[]> {
  const { rows } = await sql<GridRow>`
    select grid.id, grid.name_zh, grid.name_en, grid.community, grid.kind, grid.boundary is not null as has_boundary,
           (select count(*)::int from dipper.place where place.grid = grid.id) as places,
           (select count(*)::int from dipper.device join dipper.place on place.id = device.place
             where place.grid = grid.id and device.configured) as devices,
           (select count(*)::int from dipper.grid_case found
             where found.grid = grid.id and found.closed_at is null) as open_cases
      from dipper.grid where ${withinScope(scope, { grid: 'grid.id' })} order by grid.id`.execute(db);
  return rows;
}

async function listEstates(db: Db, scope: Scope): Promise<EstateRow[]> {
  const { rows } = await sql<EstateRow>`
    select estate.id, estate.name_zh, estate.name_en, estate.community,
           (select count(*)::int from dipper.place where place.estate = estate.id) as places,
           (select count(*)::int from dipper.device join dipper.place on place.id = device.place
             where place.estate = estate.id and device.configured) as devices,
           (select count(*)::int from dipper.grid_case found
             where found.estate = estate.id and found.closed_at is null) as open_cases
      from dipper.estate where ${withinScope(scope, { estate: 'estate.id' })} order by estate.id`.execute(db);
  return rows;
}
