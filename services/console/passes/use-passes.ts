import type { AccessPointView } from '@dipper/contract/api/access-point';
import type { HolderView } from '@dipper/contract/api/holder';
import type { Page } from '@dipper/contract/api/page';
import type { Invite, IssuedPass, NewPass, PassView } from '@dipper/contract/api/pass';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** Edges tell of uses at any time, and the feed does not tell of passes. */
const LOOK_AGAIN_MS = 10_000;
/** More are found by a name or plate. */
const SHOWN = 100;

/** Passes, newest first: the latest hundred that match. */
export function usePasses(filter: { readonly q: string; readonly isOpenOnly: boolean }) {
  const { client } = useHub();
  const query = new URLSearchParams({ limit: String(SHOWN) });
  if (filter.q !== '') query.set('q', filter.q);
  if (filter.isOpenOnly) query.set('open', 'true');
  return useQuery({
    queryKey: keys.passes(query.toString()),
    queryFn: async ({ signal }) => (await client.get<Page<PassView>>(`/api/v1/passes?${query}`, signal)).items,
    placeholderData: (before) => before,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** Entrances of all estates that one may see. */
export function useAccessPoints() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.accessPoints,
    queryFn: ({ signal }) => listEverything<AccessPointView>(client, '/api/v1/access-points', signal),
  });
}

/** Residents of an estate by a part of name, unit or plate. */
export function useResidents(estate: string | undefined, q: string) {
  const { client } = useHub();
  const query = new URLSearchParams({ kind: 'resident', q, limit: '20', ...(estate !== undefined && { estate }) });
  return useQuery({
    queryKey: keys.residentSearch(query.toString()),
    queryFn: async ({ signal }) => (await client.get<Page<HolderView>>(`/api/v1/holders?${query}`, signal)).items,
    enabled: q !== '',
  });
}

function useRefresh(): () => Promise<unknown> {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: keys.passLists });
}

export function useIssuePass() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (asked: NewPass) => client.send<IssuedPass>('POST', '/api/v1/passes', asked),
    onSuccess: useRefresh(),
  });
}

/** With the code, which lists do not have. */
export function useShowPass() {
  const { client } = useHub();
  return useMutation({ mutationFn: (id: string) => client.get<IssuedPass>(`/api/v1/passes/${id}`) });
}

export function useRevokePass() {
  const { client } = useHub();
  return useMutation({
    mutationFn: ({ id, reason }: { readonly id: string; readonly reason: string }) =>
      client.send<IssuedPass>('POST', `/api/v1/passes/${id}/revoke`, { reason }),
    onSuccess: useRefresh(),
  });
}

export function useMakeInvite() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (holder: string) => client.send<Invite>('POST', `/api/v1/holders/${holder}/invite`),
  });
}

export function useEndInvite() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (holder: string) => client.send<undefined>('DELETE', `/api/v1/holders/${holder}/invite`),
  });
}
