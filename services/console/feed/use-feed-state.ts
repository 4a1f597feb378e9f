import { useSyncExternalStore } from 'react';
import { useHub } from '../api/hub-context.ts';
import type { FeedState } from './feed-client.ts';

/** How the page stands with the hub. */
export function useFeedState(): FeedState {
  const { feed } = useHub();
  return useSyncExternalStore(feed.subscribe, feed.state);
}
