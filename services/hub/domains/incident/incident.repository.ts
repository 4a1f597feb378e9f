import type { Incident } from '@dipper/contract/api/alarm';
import type { IncidentTransition } from '@dipper/contract/api/incident-regrouping';
import type { PageQuery } from '@dipper/contract/api/page';
import { sql } from 'kysely';
import { isUuid } from '../../database/lookup.ts';
import { rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { Db } from '../../database/pool.ts';
import type { IncidentRow } from '../../database/schema.ts';
import { withinScope } from '../../scope/scope.ts';
import type { LocationFilter } from '../../services.ts';
import { displayNameOf } from '../alarm/display-name.ts';

export type CountedIncidentRow = IncidentRow & { alarms: string; case: string | null };

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

/** One row more than the page holds, newest first. What has been joined into another is not listed any more. */
export async function listIncidents(db: Db, query: PageQuery & LocationFilter & { open?: boolean }) {
  let select = selectIncidents(db)
    .where('incident.joined_into', 'is', null)
    .orderBy('incident.started_at', 'desc')
    .orderBy('incident.id', 'desc')
    .limit(rowLimitOf(query));
  if (query.within !== undefined)
    select = select.where(withinScope(query.within, { estate: 'incident.estate', place: 'incident.place' }));
  if (query.open !== undefined) select = select.where('incident.open', '=', query.open);
  if (query.estate !== undefined) select = select.where('incident.estate', '=', query.estate);
  if (query.place !== undefined) select = select.where('incident.place', '=', query.place);
  const after = timeCursorOf(query);
  if (after !== undefined) {
    select = select.where(sql<boolean>`(incident.started_at, incident.id) < (${after.at}, ${after.id}::uuid)`);
  }
  return select.execute();
}

export function findIncidents(db: Db, ids: readonly string[]): Promise<CountedIncidentRow[]> {
  return selectIncidents(db)
    .where('incident.id', '=', sql<string>`any(${ids.filter(isUuid)}::uuid[])`)
    .execute();
}

/** Whatever was ever done to an incident, from either side, in the order in which it was done. */
export async function listIncidentTransitions(db: Db, incident: string): Promise<IncidentTransition[]> {
  const rows = await db
    .selectFrom('dipper.incident_transition')
    .selectAll()
    .select(displayNameOf('by').as('by_name'))
    .where(({ or, eb }) => or([eb('incident', '=', incident), eb('other', '=', incident)]))
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    what: row.what,
    incident: row.incident,
    other: row.other,
    alarms: row.alarms,
    movesCase: row.moves_case,
    at: row.at.toISOString(),
    by: row.by,
    byName: row.by_name,
    reason: row.reason,
  }));
}

export function incidentFromRow(row: CountedIncidentRow): Incident {
  return {
    id: row.id,
    title: { zh: row.title_zh, en: row.title_en },
    priority: row.priority,
    open: row.open,
    estate: row.estate,
    place: row.place,
    alarms: Number(row.alarms),
    case: row.case,
    joinedInto: row.joined_into,
    startedAt: row.started_at.toISOString(),
    lastAt: row.last_at.toISOString(),
  };
}
