import type { PasswordChange } from '@dipper/contract/api/password';
import type { OwnSession } from '@dipper/contract/api/session';
import type { ApiTokenView, CreatedApiToken, NewApiToken } from '@dipper/contract/api/token';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

const SESSIONS = '/api/v1/sessions/own';
const TOKENS = '/api/v1/tokens';

/** Where one is signed in. */
export function useOwnSessions() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.ownSessions,
    queryFn: ({ signal }) => listEverything<OwnSession>(client, SESSIONS, signal),
    staleTime: 0,
  });
}

export function useEndSession() {
  const { client } = useHub();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => client.send<undefined>('DELETE', `${SESSIONS}/${encodeURIComponent(id)}`),
    // Also where it was gone already.
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.ownSessions }),
  });
}

/** Ends every session of one's own, the one that asks as well. */
export function useEndAllSessions() {
  const { client, onSignedOut } = useHub();
  return useMutation({
    mutationFn: () => client.send<undefined>('DELETE', '/api/v1/sessions'),
    onSuccess: onSignedOut,
  });
}

/** Programs that act as oneself. */
export function useTokens() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.tokens,
    queryFn: ({ signal }) => listEverything<ApiTokenView>(client, TOKENS, signal),
    staleTime: 0,
  });
}

function useRefreshTokens(): () => Promise<unknown> {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: keys.tokens });
}

export function useMakeToken() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (asked: NewApiToken) => client.send<CreatedApiToken>('POST', TOKENS, asked),
    onSuccess: useRefreshTokens(),
  });
}

/** Lets a token count again that a restore has brought back. */
export function useConfirmToken() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (id: string) =>
      client.send<ApiTokenView>('POST', `${TOKENS}/${encodeURIComponent(id)}/confirmation`, {}),
    onSettled: useRefreshTokens(),
  });
}

export function useRevokeToken() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (id: string) => client.send<undefined>('DELETE', `${TOKENS}/${encodeURIComponent(id)}`),
    onSettled: useRefreshTokens(),
  });
}

/** Sets a new password; other sessions and every token end with the old one. */
export function useChangePassword() {
  const { client } = useHub();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: PasswordChange) => client.send<undefined>('POST', '/api/v1/password', change),
    onSuccess: () =>
      Promise.all([keys.ownSessions, keys.tokens].map((queryKey) => queryClient.invalidateQueries({ queryKey }))),
  });
}
