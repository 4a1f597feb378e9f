import type { Timeline } from '@dipper/contract/api/recording';
import { useQuery } from '@tanstack/react-query';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { dayOf, type TimeView } from './time-view.ts';

/** The edge is asked each time: often enough for a day that goes on, not more. */
const READ_AGAIN_MS = 30_000;

/** What was recorded of a camera on a day; a day that goes on is read again. */
export function useTimeline(device: string, { fromMs, untilMs }: TimeView) {
  const { client, clock } = useHub();
  const query = new URLSearchParams({ from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() });
  return useQuery({
    queryKey: keys.timeline(device, fromMs),
    queryFn: ({ signal }) =>
      client.get<Timeline>(`/api/v1/devices/${encodeURIComponent(device)}/timeline?${query}`, signal),
    refetchInterval: () => (dayOf(clock.nowMs()).fromMs === fromMs ? READ_AGAIN_MS : false),
    // It changes without a word on the feed.
    staleTime: READ_AGAIN_MS,
  });
}
