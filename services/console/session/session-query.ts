import type { Session } from '@dipper/contract/api/session';
import { queryOptions } from '@tanstack/react-query';
import type { HubClient } from '../api/hub-client.ts';
import { isHubError } from '../api/hub-error.ts';

export const SESSION_KEY = ['session'] as const;

/** Who is signed in; null where nobody is. */
export function sessionQuery(client: HubClient) {
  return queryOptions({
    queryKey: SESSION_KEY,
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        const session = await client.get<Session>('/api/v1/sessions/current', signal);
        client.setCsrfToken(session.csrfToken);
        return session;
      } catch (error) {
        if (!isHubError(error, 'NOT_SIGNED_IN')) throw error;
        client.setCsrfToken(undefined);
        return null;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}
