import type { IncidentDetail } from '@dipper/contract/api/incident-regrouping';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import { pageFrom } from '../../database/page-cursor.ts';
import type { Db } from '../../database/pool.ts';
import type { IncidentService } from '../../services.ts';
import type { Decide } from '../alarm/decision.ts';
import { findIncidents, incidentFromRow, listIncidents, listIncidentTransitions } from './incident.repository.ts';
import { joinIncidents, splitIncident } from './incident-regrouping.ts';

/** What people see of incidents, and how they regroup them; the rest follows from their alarms. */
export function createIncidentService({ db, decide }: { readonly db: Db; readonly decide: Decide }): IncidentService {
  const detailOf = async (id: string): Promise<IncidentDetail> => ({
    incident: incidentFromRow(found((await findIncidents(db, [id]))[0])),
    transitions: await listIncidentTransitions(db, id),
  });
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
    getDetail: (id) => translateUnavailable(() => detailOf(id)),
    async join(id, join, actor) {
      if (!isUuid(id)) throw new DipperError('NOT_FOUND');
      await decide((response) => joinIncidents(response, id, join, actor));
      return translateUnavailable(() => detailOf(id));
    },
    async split(id, split, actor) {
      if (!isUuid(id)) throw new DipperError('NOT_FOUND');
      const made = await decide((response) => splitIncident(response, id, split, actor.name));
      return translateUnavailable(() => detailOf(made));
    },
  };
}
