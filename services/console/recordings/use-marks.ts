import type { Alarm } from '@dipper/contract/api/alarm';
import type { EventView } from '@dipper/contract/api/inventory';
import type { Page } from '@dipper/contract/api/page';
import { MAX_PAGE_ITEMS } from '@dipper/contract/api/page';
import { useQuery } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { type EventMark, marksOf } from './event-marks.ts';
import type { TimeView } from './time-view.ts';

const READ_AGAIN_MS = 30_000;

/** What was seen by a camera on a day, and the alarms it raised then: moments to look at. */
export function useMarks(device: string, { fromMs, untilMs }: TimeView) {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.marks(device, fromMs),
    queryFn: async ({ signal }): Promise<readonly EventMark[]> => {
      const range = { from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() };
      const [events, alarms] = await Promise.all([
        listEverything<EventView>(client, `/api/v1/events?${new URLSearchParams({ device, ...range })}`, signal),
        client.get<Page<Alarm>>(`/api/v1/alarms?device=${encodeURIComponent(device)}&limit=${MAX_PAGE_ITEMS}`, signal),
      ]);
      const isOfDay = ({ raisedAt }: Alarm): boolean => {
        const atMs = Date.parse(raisedAt);
        return atMs >= fromMs && atMs < untilMs;
      };
      return marksOf(events, alarms.items.filter(isOfDay));
    },
    refetchInterval: READ_AGAIN_MS,
    staleTime: READ_AGAIN_MS,
  });
}
