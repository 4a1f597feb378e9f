import type { DeviceView } from '@dipper/contract/api/inventory';
import type { PageQuery } from '@dipper/contract/api/page';
import { translateUnavailable } from '../../database/errors.ts';
import { found } from '../../database/lookup.ts';
import { pageFrom, rowLimitOf, slugCursorOf } from '../../database/page-cursor.ts';
import type { Db } from '../../database/pool.ts';
import { withinScope } from '../../scope/scope.ts';
import type { DeviceFilter, DeviceService } from '../../services.ts';

function selectDevices(db: Db) {
  return db
    .selectFrom('dipper.device as device')
    .innerJoin('dipper.agent as agent', 'agent.id', 'device.agent')
    .leftJoin('dipper.device_state as state', 'state.device', 'device.id')
    .select(['device.id', 'device.kind', 'device.name_zh', 'device.name_en', 'device.agent', 'device.place'])
    .select(['agent.estate', 'state.message', 'state.reported_at']);
}

type DeviceRow = Awaited<ReturnType<ReturnType<typeof selectDevices>['execute']>>[number];

async function listDevices(db: Db, query: PageQuery & DeviceFilter): Promise<DeviceRow[]> {
  let select = selectDevices(db).orderBy('device.id').limit(rowLimitOf(query));
  if (query.within !== undefined)
    select = select.where(withinScope(query.within, { estate: 'agent.estate', place: 'device.place' }));
  if (query.estate !== undefined) select = select.where('agent.estate', '=', query.estate);
  if (query.place !== undefined) select = select.where('device.place', '=', query.place);
  if (query.agent !== undefined) select = select.where('device.agent', '=', query.agent);
  if (query.kind !== undefined) select = select.where('device.kind', '=', query.kind);
  const after = slugCursorOf(query);
  if (after !== undefined) select = select.where('device.id', '>', after);
  return select.execute();
}

function findDevices(db: Db, ids: readonly string[]): Promise<DeviceRow[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return selectDevices(db).where('device.id', 'in', ids).execute();
}

function deviceFromRow(row: DeviceRow): DeviceView {
  return {
    id: row.id,
    kind: row.kind,
    name: { zh: row.name_zh, en: row.name_en },
    estate: row.estate,
    agent: row.agent,
    place: row.place,
    state: row.message,
    reportedAt: row.reported_at?.toISOString() ?? null,
  };
}

/** What people see of devices, sorted by id. */
export function createDeviceService(db: Db): DeviceService {
  return {
    list: (query) =>
      translateUnavailable(async () => pageFrom(query, await listDevices(db, query), deviceFromRow, (row) => row.id)),
    findMany: (ids) => translateUnavailable(async () => (await findDevices(db, ids)).map(deviceFromRow)),
    find: (id) => translateUnavailable(async () => (await findDevices(db, [id])).map(deviceFromRow)[0]),
    get: (id) => translateUnavailable(async () => deviceFromRow(found((await findDevices(db, [id]))[0]))),
  };
}
