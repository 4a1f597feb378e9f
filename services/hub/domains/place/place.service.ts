import type { PlaceView } from '@dipper/contract/api/inventory';
import type { PageQuery } from '@dipper/contract/api/page';
import { translateUnavailable } from '../../database/errors.ts';
import { found } from '../../database/lookup.ts';
import { pageFrom, rowLimitOf, slugCursorOf } from '../../database/page-cursor.ts';
import type { Db } from '../../database/pool.ts';
import { withinScope } from '../../scope/scope.ts';
import type { LocationFilter, PlaceService } from '../../services.ts';
import { isOpenAt } from './opening-hours.ts';

function selectPlaces(db: Db) {
  return db
    .selectFrom('dipper.place as place')
    .innerJoin('dipper.estate as estate', 'estate.id', 'place.estate')
    .innerJoin('dipper.community as community', 'community.id', 'estate.community')
    .leftJoin('dipper.grid as grid', 'grid.id', 'place.grid')
    .select(['place.id', 'place.kind', 'place.name_zh', 'place.name_en', 'place.estate', 'place.hours', 'place.grid'])
    .select(['estate.name_zh as estate_zh', 'estate.name_en as estate_en', 'estate.community'])
    .select(['community.name_zh as community_zh', 'community.name_en as community_en'])
    .select(['grid.name_zh as grid_zh', 'grid.name_en as grid_en']);
}

type PlaceRow = Awaited<ReturnType<ReturnType<typeof selectPlaces>['execute']>>[number];

async function listPlaces(db: Db, query: PageQuery & LocationFilter & { grid?: string }): Promise<PlaceRow[]> {
  let select = selectPlaces(db).orderBy('place.id').limit(rowLimitOf(query));
  if (query.within !== undefined)
    select = select.where(withinScope(query.within, { estate: 'place.estate', place: 'place.id', grid: 'place.grid' }));
  if (query.estate !== undefined) select = select.where('place.estate', '=', query.estate);
  if (query.place !== undefined) select = select.where('place.id', '=', query.place);
  if (query.grid !== undefined) select = select.where('place.grid', '=', query.grid);
  const after = slugCursorOf(query);
  if (after !== undefined) select = select.where('place.id', '>', after);
  return select.execute();
}

/** What people see of places, sorted by id. */
export function createPlaceService(db: Db, now: () => number): PlaceService {
  const placeFromRow = (row: PlaceRow): PlaceView => ({
    id: row.id,
    kind: row.kind,
    name: { zh: row.name_zh, en: row.name_en },
    estate: row.estate,
    estateName: { zh: row.estate_zh, en: row.estate_en },
    community: row.community,
    communityName: { zh: row.community_zh, en: row.community_en },
    grid: row.grid,
    gridName: row.grid_zh === null || row.grid_en === null ? null : { zh: row.grid_zh, en: row.grid_en },
    open: row.hours === null ? null : isOpenAt(row.hours, new Date(now())),
  });
  return {
    list: (query) =>
      translateUnavailable(async () => pageFrom(query, await listPlaces(db, query), placeFromRow, (row) => row.id)),
    get: (id) =>
      translateUnavailable(async () =>
        placeFromRow(found(await selectPlaces(db).where('place.id', '=', id).executeTakeFirst())),
      ),
  };
}
