import type { AccessPointView } from '@dipper/contract/api/access-point';
import type { AccessScheduleView } from '@dipper/contract/api/access-schedule';
import type {
  BlockRequest,
  CreatedCredential,
  HolderDetail,
  HolderView,
  NewCredential,
  NewHolder,
  NewPermit,
  NewVehicle,
} from '@dipper/contract/api/holder';
import type { HolderImportReport, HolderImportRequest } from '@dipper/contract/api/holder-import';
import type { Page } from '@dipper/contract/api/page';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** More are found by a name, a unit or a plate. */
const SHOWN = 100;

/** Residents and vehicles, newest first: the latest hundred that match. */
export function useResidents(q: string) {
  const { client } = useHub();
  const query = new URLSearchParams({ limit: String(SHOWN), ...(q !== '' && { q }) }).toString();
  return useQuery({
    queryKey: keys.holders(query),
    queryFn: async ({ signal }) => (await client.get<Page<HolderView>>(`/api/v1/holders?${query}`, signal)).items,
    placeholderData: (before) => before,
    staleTime: 0,
  });
}

const pathOf = (id: string): string => `/api/v1/holders/${encodeURIComponent(id)}`;

/** One holder with what they have. */
export function useResident(id: string) {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.holder(id),
    queryFn: ({ signal }) => client.get<HolderDetail>(pathOf(id), signal),
    staleTime: 0,
  });
}

/** What a permit can name in an estate. */
export function useAccessChoices(estate: string) {
  const { client } = useHub();
  const query = `?estate=${encodeURIComponent(estate)}`;
  return useQuery({
    queryKey: keys.accessChoices(estate),
    queryFn: async ({ signal }) => {
      const [points, schedules] = await Promise.all([
        listEverything<AccessPointView>(client, `/api/v1/access-points${query}`, signal),
        listEverything<AccessScheduleView>(client, `/api/v1/access-schedules${query}`, signal),
      ]);
      return { points, schedules };
    },
    staleTime: 0,
  });
}

/** What can be done about a holder; each is a request of its own. */
export type ResidentAction =
  | { readonly what: 'block'; readonly body: BlockRequest }
  | { readonly what: 'end' }
  | { readonly what: 'credential'; readonly body: NewCredential }
  | { readonly what: 'block-credential'; readonly credential: string; readonly body: BlockRequest }
  | { readonly what: 'end-credential'; readonly credential: string }
  | { readonly what: 'permit'; readonly body: NewPermit }
  | { readonly what: 'end-permit'; readonly permit: string }
  | { readonly what: 'vehicle'; readonly body: NewVehicle };

function requestOf(action: ResidentAction): { readonly path: string; readonly body?: unknown } {
  switch (action.what) {
    case 'block':
      return { path: '/block', body: action.body };
    case 'end':
      return { path: '/end' };
    case 'credential':
      return { path: '/credentials', body: action.body };
    case 'block-credential':
      return { path: `/credentials/${action.credential}/block`, body: action.body };
    case 'end-credential':
      return { path: `/credentials/${action.credential}/end` };
    case 'permit':
      return { path: '/permits', body: action.body };
    case 'end-permit':
      return { path: `/permits/${action.permit}/end` };
    case 'vehicle':
      return { path: '/vehicles', body: action.body };
  }
}

function useRefresh(): () => Promise<unknown> {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: keys.holderLists });
}

export function useResidentAction(id: string) {
  const { client } = useHub();
  return useMutation({
    mutationFn: (action: ResidentAction) => {
      const { path, body } = requestOf(action);
      return client.send<HolderDetail | CreatedCredential>('POST', `${pathOf(id)}${path}`, body);
    },
    onSuccess: useRefresh(),
  });
}

export function useEnterResident() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (asked: NewHolder) => client.send<HolderDetail>('POST', '/api/v1/holders', asked),
    onSuccess: useRefresh(),
  });
}

/** Looks a file of residents through, or imports it. */
export function useImportResidents() {
  const { client } = useHub();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (request: HolderImportRequest) =>
      // As a file: thousands of lines take longer than other answers.
      client.sendFile<HolderImportReport>(
        '/api/v1/holder-imports',
        new Blob([JSON.stringify(request)], { type: 'application/json' }),
      ),
    onSuccess: ({ outcome }) => (outcome === 'imported' ? refresh() : undefined),
  });
}
