import type { AccessAreaChange, AccessAreaView, NewAccessArea } from '@dipper/contract/api/access-point';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import { found } from '../../database/lookup.ts';
import { pageFrom, rowLimitOf, slugCursorOf } from '../../database/page-cursor.ts';
import { withinScope } from '../../scope/scope.ts';
import type { Actor, LocationFilter } from '../../services.ts';
import { refuseUnknownEstate } from '../place/known-estate.ts';
import { createChangeAccess } from '../policy/access-change.ts';
import type { AccessPointServiceOptions } from './access-point.service.ts';
import type { AccessAreaRow } from './access-point.tables.ts';

type By = Pick<Actor, 'name'>;

/** What lies between access points. */
export interface AccessAreaService {
  /** Sorted by id. */
  list(query: PageQuery & Omit<LocationFilter, 'place'>): Promise<Page<AccessAreaView>>;
  get(id: string): Promise<AccessAreaView>;
  /** @throws DipperError ACCESS_POINT_EXISTS for an id in use, REQUEST_INVALID */
  create(asked: NewAccessArea, by: By): Promise<AccessAreaView>;
  /** @throws DipperError NOT_FOUND, VERSION_CONFLICT */
  change(id: string, change: AccessAreaChange, by: By): Promise<AccessAreaView>;
  /** @param version that was looked at @throws DipperError NOT_FOUND, VERSION_CONFLICT, ACCESS_STILL_USED */
  remove(id: string, version: number): Promise<void>;
}

export function createAccessAreaService(options: AccessPointServiceOptions): AccessAreaService {
  const { db, now } = options;
  const changeAccess = createChangeAccess(options);
  const findArea = (id: string) =>
    db.selectFrom('dipper.access_area').selectAll().where('id', '=', id).executeTakeFirst();
  return {
    list: (query) =>
      translateUnavailable(async () => {
        let select = db.selectFrom('dipper.access_area').selectAll().orderBy('id').limit(rowLimitOf(query));
        if (query.within !== undefined) select = select.where(withinScope(query.within, { estate: 'estate' }));
        if (query.estate !== undefined) select = select.where('estate', '=', query.estate);
        const after = slugCursorOf(query);
        if (after !== undefined) select = select.where('id', '>', after);
        return pageFrom(query, await select.execute(), areaFromRow, ({ id }) => id);
      }),
    get: (id) => translateUnavailable(async () => areaFromRow(found(await findArea(id)))),
    create: ({ id, estate, name, occupancyLimit = null, resetAtMinute = null }, by) =>
      changeAccess(async (tx, follow) => {
        await refuseUnknownEstate(tx, estate);
        const inserted = await tx
          .insertInto('dipper.access_area')
          .values({
            ...{ id, estate, name_zh: name.zh, name_en: name.en },
            ...{ occupancy_limit: occupancyLimit, reset_at_minute: resetAtMinute },
            ...{ changed_at: new Date(now()), changed_by: by.name },
          })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returningAll()
          .executeTakeFirst();
        if (inserted === undefined) throw new DipperError('ACCESS_POINT_EXISTS');
        await follow(estate);
        return areaFromRow(inserted);
      }),
    change: (id, { version, name, occupancyLimit, resetAtMinute }, by) =>
      changeAccess(async (tx, follow) => {
        const before = found(
          await tx.selectFrom('dipper.access_area').selectAll().where('id', '=', id).forUpdate().executeTakeFirst(),
        );
        if (before.version !== version) throw new DipperError('VERSION_CONFLICT');
        const next = await tx
          .updateTable('dipper.access_area')
          .set({
            ...(name !== undefined && { name_zh: name.zh, name_en: name.en }),
            ...(occupancyLimit !== undefined && { occupancy_limit: occupancyLimit }),
            ...(resetAtMinute !== undefined && { reset_at_minute: resetAtMinute }),
            ...{ version: version + 1, changed_at: new Date(now()), changed_by: by.name },
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await follow(before.estate);
        return areaFromRow(next);
      }),
    remove: (id, version) =>
      changeAccess(async (tx, follow) => {
        const before = found(
          await tx.selectFrom('dipper.access_area').selectAll().where('id', '=', id).forUpdate().executeTakeFirst(),
        );
        if (before.version !== version) throw new DipperError('VERSION_CONFLICT');
        await follow(before.estate);
        const user = await tx
          .selectFrom('dipper.access_point')
          .select('id')
          .where((eb) => eb.or([eb('from_area', '=', id), eb('to_area', '=', id)]))
          .limit(1)
          .executeTakeFirst();
        if (user !== undefined) throw new DipperError('ACCESS_STILL_USED');
        await tx.deleteFrom('dipper.access_area').where('id', '=', id).execute();
      }),
  };
}

function areaFromRow(row: AccessAreaRow): AccessAreaView {
  return {
    ...{ id: row.id, estate: row.estate, name: { zh: row.name_zh, en: row.name_en } },
    ...{ occupancyLimit: row.occupancy_limit, resetAtMinute: row.reset_at_minute },
    ...{ version: row.version, changedAt: row.changed_at.toISOString(), changedBy: row.changed_by },
  };
}
