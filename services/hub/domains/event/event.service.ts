import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import { pageFrom } from '../../database/page-cursor.ts';
import type { Db } from '../../database/pool.ts';
import type { EventService } from '../../services.ts';
import { eventFromRow, findEventSpans, findEvents, findMediaEvent, listEvents } from './event.repository.ts';
import { spanFromName } from './event-span.ts';

/** What people see of events; nobody changes them. */
export function createEventService(db: Db): EventService {
  return {
    list: (query) =>
      translateUnavailable(async () =>
        pageFrom(query, await listEvents(db, query), eventFromRow, (row) => ({ at: row.occurred_at, id: row.id })),
      ),
    findMany: (ids) => translateUnavailable(async () => (await findEvents(db, ids.filter(isUuid))).map(eventFromRow)),
    findSpans: (names) =>
      translateUnavailable(async () => {
        const spans = names.map(spanFromName).filter((span) => span !== undefined);
        return spans.length === 0 ? [] : (await findEventSpans(db, spans)).map(eventFromRow);
      }),
    get: (id) => translateUnavailable(async () => eventFromRow(found((await findEvents(db, [id].filter(isUuid)))[0]))),
    findMedia: (ref) => translateUnavailable(() => findMediaEvent(db, ref)),
  };
}
