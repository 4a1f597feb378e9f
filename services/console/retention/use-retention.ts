import type { Page } from '@dipper/contract/api/page';
import type { DeletionView, RetentionView } from '@dipper/contract/api/retention';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useHub } from '../api/hub-context.ts';

const PAGE_ITEMS = 50;
/** The hub looks after every class six times an hour. */
const REREAD_MS = 60_000;

/** Every class of data: how long it is kept, and how that goes. */
export function useRetention() {
  const { client } = useHub();
  return useQuery({
    queryKey: ['retention'],
    queryFn: async ({ signal }) =>
      (await client.get<{ readonly items: readonly RetentionView[] }>('/api/v1/retention', signal)).items,
    refetchInterval: REREAD_MS,
  });
}

/** Proofs of deletion, the latest first, page by page. */
export function useDeletions() {
  const { client } = useHub();
  return useInfiniteQuery({
    queryKey: ['deletions'],
    queryFn: ({ pageParam, signal }) => {
      const from = pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`;
      return client.get<Page<DeletionView>>(`/api/v1/deletions?limit=${PAGE_ITEMS}${from}`, signal);
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }: Page<DeletionView>) => nextCursor,
  });
}
