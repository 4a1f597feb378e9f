import { sql } from 'kysely';
import type { Db, Tx } from '../../database/pool.ts';
import { type Boundary, gridAt } from './grid-boundary.ts';

export interface MappedGridRow {
  readonly id: string;
  readonly name_zh: string;
  readonly name_en: string;
  readonly community: string;
  readonly boundary: Boundary;
}

/** The grid that a point lies in; undefined outside of every grid that has been drawn. Degrees, WGS 84. */
export async function findGridAt(
  db: Db | Tx,
  { latitude, longitude }: { readonly latitude: number; readonly longitude: number },
): Promise<MappedGridRow | undefined> {
  const { rows } = await sql<MappedGridRow>`
    select id, name_zh, name_en, community, boundary from dipper.grid where boundary is not null order by id`.execute(
    db,
  );
  const id = gridAt(rows, [longitude, latitude]);
  return rows.find((row) => row.id === id);
}
