import type {
  AccessPointChange,
  AccessPointView,
  AccessRules,
  NewAccessPoint,
} from '@dipper/contract/api/access-point';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import { DipperError } from '@dipper/contract/errors';
import { sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import { found } from '../../database/lookup.ts';
import { pageFrom, rowLimitOf, slugCursorOf } from '../../database/page-cursor.ts';
import { withinScope } from '../../scope/scope.ts';
import type { Actor, LocationFilter } from '../../services.ts';
import { invalidField } from '../case/invalid-field.ts';
import { createChangeAccess } from '../policy/access-change.ts';
import type { AccessDb } from '../policy/access-db.ts';
import { refuseUnfitRules } from './access-rules.ts';

type By = Pick<Actor, 'name'>;

/** Ways through gates, and by what rules one passes. */
export interface AccessPointService {
  /** Sorted by id. */
  list(query: PageQuery & LocationFilter): Promise<Page<AccessPointView>>;
  get(id: string): Promise<AccessPointView>;
  /** @throws DipperError ACCESS_POINT_EXISTS, REQUEST_INVALID */
  create(asked: NewAccessPoint, by: By): Promise<AccessPointView>;
  /** @throws DipperError NOT_FOUND, VERSION_CONFLICT, REQUEST_INVALID */
  change(id: string, change: AccessPointChange, by: By): Promise<AccessPointView>;
  /** @param version that was looked at @throws DipperError NOT_FOUND, VERSION_CONFLICT, ACCESS_STILL_USED */
  remove(id: string, version: number): Promise<void>;
}

export interface AccessPointServiceOptions {
  readonly db: AccessDb;
  /** Something has changed that policies are compiled of. */
  readonly onChange: () => void;
  readonly now: () => number;
}

function selectPoints(db: AccessDb) {
  return db
    .selectFrom('dipper.access_point as point')
    .innerJoin('dipper.place as place', 'place.id', 'point.place')
    .innerJoin('dipper.device as device', 'device.id', 'point.device')
    .selectAll('point')
    .select(['place.estate', 'device.agent']);
}

type PointRow = Awaited<ReturnType<ReturnType<typeof selectPoints>['execute']>>[number];

export function createAccessPointService(options: AccessPointServiceOptions): AccessPointService {
  const { db, now } = options;
  const changeAccess = createChangeAccess(options);
  const findPoint = (source: AccessDb, id: string) =>
    selectPoints(source).where('point.id', '=', id).executeTakeFirst();
  return {
    list: (query) =>
      translateUnavailable(async () => {
        let select = selectPoints(db).orderBy('point.id').limit(rowLimitOf(query));
        if (query.within !== undefined)
          select = select.where(
            withinScope(query.within, { estate: 'place.estate', place: 'place.id', grid: 'place.grid' }),
          );
        if (query.estate !== undefined) select = select.where('place.estate', '=', query.estate);
        if (query.place !== undefined) select = select.where('point.place', '=', query.place);
        const after = slugCursorOf(query);
        if (after !== undefined) select = select.where('point.id', '>', after);
        return pageFrom(query, await select.execute(), pointFromRow, ({ id }) => id);
      }),
    get: (id) => translateUnavailable(async () => pointFromRow(found(await findPoint(db, id)))),
    create: ({ id, place, device, name, fromArea, toArea, rules }, by) =>
      changeAccess(async (tx, follow) => {
        const estate = await estateOfGate(tx, place, device);
        await refuseUnfitRules(tx, { estate, fromArea, toArea, rules });
        const inserted = await tx
          .insertInto('dipper.access_point')
          .values({
            ...{ id, place, device, name_zh: name.zh, name_en: name.en },
            ...{ from_area: fromArea ?? null, to_area: toArea ?? null, rules: JSON.stringify(rules) },
            ...{ changed_at: new Date(now()), changed_by: by.name },
          })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returning('id')
          .executeTakeFirst();
        if (inserted === undefined) throw new DipperError('ACCESS_POINT_EXISTS');
        await follow(estate);
        return pointFromRow(found(await findPoint(tx, id)));
      }),
    change: (id, { version, name, fromArea, toArea, rules, active }, by) =>
      changeAccess(async (tx, follow) => {
        found(
          await tx.selectFrom('dipper.access_point').select('id').where('id', '=', id).forUpdate().executeTakeFirst(),
        );
        const before = found(await findPoint(tx, id));
        if (before.version !== version) throw new DipperError('VERSION_CONFLICT');
        const next = {
          rules: rules ?? before.rules,
          fromArea: fromArea === undefined ? before.from_area : fromArea,
          toArea: toArea === undefined ? before.to_area : toArea,
        };
        await refuseUnfitRules(tx, { estate: before.estate, ...next });
        await tx
          .updateTable('dipper.access_point')
          .set({
            ...(name !== undefined && { name_zh: name.zh, name_en: name.en }),
            ...(active !== undefined && { active }),
            ...{ from_area: next.fromArea, to_area: next.toArea, rules: JSON.stringify(next.rules) },
            ...{ version: version + 1, changed_at: new Date(now()), changed_by: by.name },
          })
          .where('id', '=', id)
          .execute();
        await follow(before.estate);
        return pointFromRow(found(await findPoint(tx, id)));
      }),
    remove: (id, version) =>
      changeAccess(async (tx, follow) => {
        found(
          await tx.selectFrom('dipper.access_point').select('id').where('id', '=', id).forUpdate().executeTakeFirst(),
        );
        const before = found(await findPoint(tx, id));
        if (before.version !== version) throw new DipperError('VERSION_CONFLICT');
        await follow(before.estate);
        await refuseUsedPoint(tx, id);
        await tx.deleteFrom('dipper.access_point').where('id', '=', id).execute();
      }),
  };
}

/** @throws DipperError ACCESS_STILL_USED where a permit or a consent that is in force names it */
async function refuseUsedPoint(tx: AccessDb, id: string): Promise<void> {
  const { rows } = await sql`
    select from dipper.access_permit where ended_at is null and ${id} = any(access_points)
    union all
    select from dipper.face_consent where withdrawn_at is null and ${id} = any(access_points)
    limit 1`.execute(tx);
  if (rows.length > 0) throw new DipperError('ACCESS_STILL_USED');
}

/** The estate of a place, in which the gate has to stand. @throws DipperError REQUEST_INVALID */
async function estateOfGate(tx: AccessDb, place: string, device: string): Promise<string> {
  const at = await tx.selectFrom('dipper.place').select('estate').where('id', '=', place).executeTakeFirst();
  if (at === undefined) throw invalidField('place', `there is no place '${place}'`);
  const gate = await tx
    .selectFrom('dipper.device as device')
    .innerJoin('dipper.agent as agent', 'agent.id', 'device.agent')
    .select(['device.kind', 'agent.estate'])
    .where('device.id', '=', device)
    .executeTakeFirst();
  if (gate?.kind !== 'gate' || gate.estate !== at.estate) {
    throw invalidField('device', `there is no gate '${device}' in this estate`);
  }
  return at.estate;
}

function pointFromRow(row: PointRow): AccessPointView {
  return {
    ...{ id: row.id, estate: row.estate, place: row.place, device: row.device, agent: row.agent },
    name: { zh: row.name_zh, en: row.name_en },
    ...{ fromArea: row.from_area, toArea: row.to_area, rules: row.rules as AccessRules, active: row.active },
    ...{ version: row.version, changedAt: row.changed_at.toISOString(), changedBy: row.changed_by },
  };
}
