import type { Incident } from '@dipper/contract/api/alarm';
import type { PageQuery } from '@dipper/contract/api/page';
import { sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import { pageFrom, rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { Db } from '../../database/pool.ts';
import type { IncidentRow } from '../../database/schema.ts';
import type { IncidentService, LocationFilter } from '../../services.ts';

type CountedIncidentRow = IncidentRow & { alarms: string; case: string | null };

function selectIncidents(db: Db) {
  return db
    .selectFrom('dipper.incident as incident')
    .selectAll('incident')
    .select(({ selectFrom }) => [
      selectFrom('dipper.alarm')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .whereRef('dipper.alarm.incident', '=', 'incident.id')
        .$asScalar()
        .$notNull()
        .as('alarms'),
      selectFrom('dipper.grid_case')
        .select('id')
        .whereRef('dipper.grid_case.incident', '=', 'incident.id')
        .$asScalar()
        .as('case'),
    ]);
}

async function listIncidents(db: Db, query: PageQuery & LocationFilter & { open?: boolean }) {
  let select = selectIncidents(db)
    .orderBy('incident.started_at', 'desc')
    .orderBy('incident.id', 'desc')
    .limit(rowLimitOf(query));
  if (query.open !== undefined) select = select.where('incident.open', '=', query.open);
  if (query.estate !== undefined) select = select.where('incident.estate', '=', query.estate);
  if (query.place !== undefined) select = select.where('incident.place', '=', query.place);
  const after = timeCursorOf(query);
  if (after !== undefined) {
    select = select.where(sql<boolean>`(incident.started_at, incident.id) < (${after.at}, ${after.id}::uuid)`);
  }
  return select.execute();
}

function findIncidents(db: Db, ids: readonly string[]): Promise<CountedIncidentRow[]> {
  return selectIncidents(db)
    .where('incident.id', '=', sql<string>`any(${ids.filter(isUuid)}::uuid[])`)
    .execute();
}

function incidentFromRow(row: CountedIncidentRow): Incident {
  return {
    id: row.id,
    title: { zh: row.title_zh, en: row.title_en },
    priority: row.priority,
    open: row.open,
    estate: row.estate,
    place: row.place,
    alarms: Number(row.alarms),
    case: row.case,
    startedAt: row.started_at.toISOString(),
    lastAt: row.last_at.toISOString(),
  };
}

/** What people see of incidents; they change only by their alarms. */
export function createIncidentService(db: Db): IncidentService {
  return {
    list: (query) =>
      translateUnavailable(async () =>
        pageFrom(query, await listIncidents(db, query), incidentFromRow, (row) => ({
          at: row.started_at,
          id: row.id,
        })),
      ),
    findMany: (ids) => translateUnavailable(async () => (await findIncidents(db, ids)).map(incidentFromRow)),
    get: (id) => translateUnavailable(async () => incidentFromRow(found((await findIncidents(db, [id]))[0]))),
  };
}
