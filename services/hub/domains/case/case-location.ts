import type { GeoPoint } from '@dipper/contract/api/place-tree';
import type { Db, Tx } from '../../database/pool.ts';
import { findGridAt } from '../place/grid-at.repository.ts';
import { invalidField } from './invalid-field.ts';

/** Where a case lies; at least one of estate and grid is there. */
export interface CaseLocation {
  readonly place: string | null;
  readonly estate: string | null;
  readonly grid: string | null;
}

/** What somebody named. */
export interface NamedLocation {
  readonly place?: string;
  readonly estate?: string;
  readonly grid?: string;
  /** Counts where nothing else is named. */
  readonly point?: GeoPoint;
}

/**
 * Fills in what follows from what was named: a place lies in an estate and perhaps in a grid, an estate in the grid of
 * its first place, a point in the grid around it.
 * @throws DipperError REQUEST_INVALID when it is nowhere, unknown, or contradicts itself
 */
export async function locate(db: Db | Tx, named: NamedLocation): Promise<CaseLocation> {
  const { place, estate } = named;
  const grid = named.grid ?? (await gridOfPoint(db, named));
  if (place !== undefined) {
    const found = await db
      .selectFrom('dipper.place')
      .select(['estate', 'grid'])
      .where('id', '=', place)
      .executeTakeFirst();
    if (found === undefined) throw invalidField('place', 'is no place');
    if (estate !== undefined && estate !== found.estate) throw invalidField('estate', 'is not where the place lies');
    if (grid !== undefined && found.grid !== null && grid !== found.grid)
      throw invalidField('grid', 'is not where the place lies');
    return { place, estate: found.estate, grid: found.grid ?? grid ?? (await gridOf(db, found.estate)) };
  }
  if (grid !== undefined) await checkExists(db, 'grid', grid);
  if (estate !== undefined) {
    await checkExists(db, 'estate', estate);
    return { place: null, estate, grid: grid ?? (await gridOf(db, estate)) };
  }
  if (grid === undefined) throw invalidField('place', 'is needed, or an estate or a grid');
  return { place: null, estate: null, grid };
}

/** @throws DipperError REQUEST_INVALID when the point lies in no grid */
async function gridOfPoint(db: Db | Tx, { place, estate, point }: NamedLocation): Promise<string | undefined> {
  if (place !== undefined || estate !== undefined || point === undefined) return undefined;
  const found = await findGridAt(db, point);
  if (found === undefined) throw invalidField('point', 'lies in no grid that has been drawn');
  return found.id;
}

async function checkExists(db: Db | Tx, noun: 'estate' | 'grid', id: string): Promise<void> {
  const found = await db.selectFrom(`dipper.${noun}`).select('id').where('id', '=', id).executeTakeFirst();
  if (found === undefined) throw invalidField(noun, `is no ${noun}`);
}

async function gridOf(db: Db | Tx, estate: string): Promise<string | null> {
  const row = await db
    .selectFrom('dipper.place')
    .select('grid')
    .where('estate', '=', estate)
    .where('grid', 'is not', null)
    .orderBy('id')
    .executeTakeFirst();
  return row?.grid ?? null;
}
