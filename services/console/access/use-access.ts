import type { AccessAreaView, AccessPointView } from '@dipper/contract/api/access-point';
import type { AccessScheduleView } from '@dipper/contract/api/access-schedule';
import type { Forgiveness } from '@dipper/contract/api/forgiveness';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { isHubError } from '../api/hub-error.ts';
import { keys } from '../api/keys.ts';
import type { AccessAction, AccessKind } from './access-action.ts';

/** By what rules one passes in an estate. */
export interface AccessRulebook {
  readonly points: readonly AccessPointView[];
  readonly areas: readonly AccessAreaView[];
  readonly schedules: readonly AccessScheduleView[];
}

export function useAccessRulebook(estate: string | undefined) {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.accessRulebook(estate ?? ''),
    enabled: estate !== undefined,
    queryFn: async ({ signal }): Promise<AccessRulebook> => {
      const query = `?estate=${encodeURIComponent(estate ?? '')}`;
      const [points, areas, schedules] = await Promise.all([
        listEverything<AccessPointView>(client, `/api/v1/access-points${query}`, signal),
        listEverything<AccessAreaView>(client, `/api/v1/access-areas${query}`, signal),
        listEverything<AccessScheduleView>(client, `/api/v1/access-schedules${query}`, signal),
      ]);
      return { points, areas, schedules };
    },
    staleTime: 0,
  });
}

const PATHS: Readonly<Record<AccessKind, string>> = {
  point: '/api/v1/access-points',
  area: '/api/v1/access-areas',
  schedule: '/api/v1/access-schedules',
};
const pathOf = (kind: AccessKind, id: string): string => `${PATHS[kind]}/${encodeURIComponent(id)}`;

/** Changes rules. What somebody else has changed meanwhile is read anew, so that the page shows what there is. */
export function useAccessAction() {
  const { client } = useHub();
  const queryClient = useQueryClient();
  const refresh = (): Promise<unknown> => queryClient.invalidateQueries({ queryKey: keys.accessPoints });
  return useMutation({
    mutationFn: (action: AccessAction): Promise<unknown> => {
      switch (action.what) {
        case 'new-point':
          return client.send('POST', PATHS.point, action.body);
        case 'new-area':
          return client.send('POST', PATHS.area, action.body);
        case 'new-schedule':
          return client.send('POST', PATHS.schedule, action.body);
        case 'remove':
          return client.send('DELETE', `${pathOf(action.kind, action.id)}?version=${action.version}`);
        default:
          return client.send('PATCH', pathOf(action.what, action.id), action.body);
      }
    },
    onSuccess: refresh,
    onError: (error) => (isHubError(error, 'VERSION_CONFLICT') ? refresh() : undefined),
  });
}

/** Has edges forget who is in an area, or where a holder is. @param path of the thing */
export function useForgive(path: string) {
  const { client } = useHub();
  return useMutation({
    mutationFn: (reason: string) => client.send<Forgiveness>('POST', `${path}/forgive`, { reason }),
  });
}
