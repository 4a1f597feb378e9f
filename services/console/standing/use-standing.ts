import type { AlarmStanding } from '@dipper/contract/api/alarm-figures';
import { useQuery } from '@tanstack/react-query';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** A flood ends, and an alarm becomes stale, by the clock alone. */
const READ_AGAIN_MS = 20_000;

/** What is not announced, and whether there is a flood. Undefined until it has been read. */
export function useStanding(): AlarmStanding | undefined {
  const { client } = useHub();
  const { data } = useQuery({
    queryKey: keys.alarmStanding,
    queryFn: ({ signal }) => client.get<AlarmStanding>('/api/v1/alarm-standing', signal),
    refetchInterval: READ_AGAIN_MS,
  });
  return data;
}
