import type { EventCounts } from '@dipper/contract/api/retention';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import type { Db } from '../../database/pool.ts';
import { type CountQuery, countEvents } from './event-count.repository.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_RANGE_MS = 7 * 24 * HOUR_MS;
const MAX_RANGE_MS = 31 * 24 * HOUR_MS;

export interface EventCountService {
  /**
   * Events per estate and hour; a week up to now when nothing else is asked for.
   * @throws DipperError REQUEST_INVALID when the range is empty or longer than 31 days
   */
  count(query: Partial<CountQuery>): Promise<EventCounts>;
}

export function createEventCountService(db: Db, now: () => number): EventCountService {
  return {
    count: (query) =>
      translateUnavailable(async () => {
        const untilMs = Math.ceil((query.until?.getTime() ?? now()) / HOUR_MS) * HOUR_MS;
        const fromMs = Math.floor((query.from?.getTime() ?? untilMs - DEFAULT_RANGE_MS) / HOUR_MS) * HOUR_MS;
        if (fromMs >= untilMs || untilMs - fromMs > MAX_RANGE_MS) {
          throw new DipperError('REQUEST_INVALID', {
            message: `'from' must be before 'until', and at most 31 days before it`,
          });
        }
        const [from, until] = [new Date(fromMs), new Date(untilMs)];
        const rows = await countEvents(db, { ...query, from, until });
        return {
          from: from.toISOString(),
          until: until.toISOString(),
          items: rows.map(({ estate, hour, events }) => ({ estate, hour: hour.toISOString(), events: Number(events) })),
        };
      }),
  };
}
