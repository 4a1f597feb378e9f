import type { GeoPoint } from '@dipper/contract/api/place-tree';
import { DipperError } from '@dipper/contract/errors';
import type { Db, Tx } from '../../database/pool.ts';
import { isWithin, type Scope } from '../../scope/scope.ts';
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
  return (await findLocation(db, named)).location;
}

/**
 * As `locate`, for somebody who is about a part of the subdistrict: where it lies in the end has to be in there. To name
 * a grid of one's own beside an estate that nothing puts into it is not enough.
 * @throws DipperError NOT_FOUND when it lies outside of the scope; those of `locate`
 */
export async function locateWithin(db: Db | Tx, named: NamedLocation, scope: Scope): Promise<CaseLocation> {
  const { location, isGridClaimed } = await findLocation(db, named);
  const known = isGridClaimed ? { ...location, grid: null } : location;
  if (!isWithin(scope, known)) throw new DipperError('NOT_FOUND');
  return location;
}

interface FoundLocation {
  readonly location: CaseLocation;
  /** Nothing but the word of whoever named it says that the place or estate lies in this grid. */
  readonly isGridClaimed: boolean;
}

async function findLocation(db: Db | Tx, named: NamedLocation): Promise<FoundLocation> {
  const { place, estate } = named;
  const grid = named.grid ?? (await gridOfPoint(db, named));
  if (grid !== undefined) await checkExists(db, 'grid', grid);
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
    const around = found.grid === null ? await gridAround(db, found.estate, grid) : undefined;
    return {
      location: { place, estate: found.estate, grid: found.grid ?? around?.grid ?? null },
      isGridClaimed: around?.isClaimed ?? false,
    };
  }
  if (estate !== undefined) {
    await checkExists(db, 'estate', estate);
    const around = await gridAround(db, estate, grid);
    return { location: { place: null, estate, grid: around.grid }, isGridClaimed: around.isClaimed };
  }
  if (grid === undefined) throw invalidField('place', 'is needed, or an estate or a grid');
  return { location: { place: null, estate: null, grid }, isGridClaimed: false };
}

/**
 * The grid of what lies in an estate: the one that was named, or that of the estate's first place.
 * @throws DipperError REQUEST_INVALID when the estate has places in grids, and none of them is the one that was named
 */
async function gridAround(
  db: Db | Tx,
  estate: string,
  named: string | undefined,
): Promise<{ readonly grid: string | null; readonly isClaimed: boolean }> {
  const rows = await db
    .selectFrom('dipper.place')
    .select('grid')
    .where('estate', '=', estate)
    .where('grid', 'is not', null)
    .orderBy('id')
    .execute();
  const grids = rows.map((row) => row.grid);
  if (named === undefined) return { grid: grids[0] ?? null, isClaimed: false };
  if (grids.length > 0 && !grids.includes(named)) throw invalidField('grid', 'is not where the estate lies');
  return { grid: named, isClaimed: grids.length === 0 };
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
