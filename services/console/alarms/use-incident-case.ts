import type { Incident } from '@dipper/contract/api/alarm';
import { useQuery } from '@tanstack/react-query';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** The case that an incident has led to; undefined while there is none, or none is known. */
export function useIncidentCase(incident: string | undefined): string | undefined {
  const { client } = useHub();
  const { data } = useQuery({
    queryKey: keys.incident(incident ?? ''),
    queryFn: ({ signal }) => client.get<Incident>(`/api/v1/incidents/${incident}`, signal),
    enabled: incident !== undefined,
  });
  return data?.case ?? undefined;
}
