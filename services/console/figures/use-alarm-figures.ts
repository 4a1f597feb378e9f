import type { AlarmFigures } from '@dipper/contract/api/alarm-figures';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

const DAY_MS = 24 * 3_600_000;
const READ_AGAIN_MS = 60_000;

/** Figures of the last so many days, up to now by the hub's clock. */
export function useAlarmFigures(days: number) {
  const { client, clock } = useHub();
  return useQuery({
    queryKey: keys.alarmFigures(days),
    queryFn: ({ signal }) => {
      const untilMs = clock.nowMs();
      const query = new URLSearchParams({
        from: new Date(untilMs - days * DAY_MS).toISOString(),
        until: new Date(untilMs).toISOString(),
      });
      return client.get<AlarmFigures>(`/api/v1/alarm-figures?${query}`, signal);
    },
    refetchInterval: READ_AGAIN_MS,
    placeholderData: keepPreviousData,
  });
}
