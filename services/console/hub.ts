import { QueryClient } from '@tanstack/react-query';
import { createAlarmSound } from './alarms/alarm-sound.ts';
import { openBrowserSocket } from './api/browser-socket.ts';
import { createHubClient } from './api/hub-client.ts';
import { createHubClock } from './api/hub-clock.ts';
import type { Hub } from './api/hub-context.ts';
import { isHubError } from './api/hub-error.ts';
import { applyChange } from './feed/apply-change.ts';
import { createFeedClient } from './feed/feed-client.ts';
import { createNewAlarms } from './feed/new-alarms.ts';
import { SESSION_KEY } from './session/session-query.ts';
import { browserAfter } from './time/after.ts';

const RETRIES = 2;

/** Puts together what pages need of the hub, and the cache that the feed keeps up to date. */
export function createHub(): { readonly hub: Hub; readonly queryClient: QueryClient } {
  const queryClient = new QueryClient({
    defaultOptions: {
      queries: {
        // The feed says what has changed; nothing is read twice because a window got the focus.
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        retry: (failures, error) =>
          failures < RETRIES && isHubError(error) && (error.status === 0 || error.status >= 500),
        // The browser's idea of being online says nothing about a hub in the same building.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
  const onSignedOut = (): void => {
    client.setCsrfToken(undefined);
    queryClient.setQueryData(SESSION_KEY, null);
    // What one account has seen is not for the next.
    queryClient.removeQueries({ predicate: isNotSession });
  };
  const clock = createHubClock(Date.now);
  const newAlarms = createNewAlarms();
  const client = createHubClient({
    fetch: globalThis.fetch.bind(globalThis),
    clock,
    now: Date.now,
    onSignedOut: () => onSignedOut(),
  });
  const feed = createFeedClient({
    openSocket: openBrowserSocket,
    after: browserAfter,
    now: Date.now,
    onChange: (change) => {
      applyChange(queryClient, change);
      newAlarms.see(change);
    },
    onGap: () => void queryClient.invalidateQueries({ predicate: isNotSession }),
    onSignedOut,
  });
  const sound = createAlarmSound(() => new AudioContext());
  return { hub: { client, clock, feed, newAlarms, sound, onSignedOut }, queryClient };
}

function isNotSession({ queryKey }: { readonly queryKey: readonly unknown[] }): boolean {
  return queryKey[0] !== SESSION_KEY[0];
}
