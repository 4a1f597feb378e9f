import type { CaseDetail, GridCase } from '@dipper/contract/api/case';
import type { Page } from '@dipper/contract/api/page';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import type { HubClient } from '../api/hub-client.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { type CaseFilter, casePathsOf, FINISHED } from './case-filter.ts';

const PAGE_ITEMS = 50;

type Listing = Pick<CaseFilter, 'state' | 'isMine'>;

/** Open cases are few enough to be read whole, and have to be: which of them is due first can be in any page. */
async function readPage(
  client: HubClient,
  listing: Listing,
  cursor: string,
  signal: AbortSignal,
): Promise<Page<GridCase>> {
  const paths = casePathsOf(listing);
  const [path] = paths;
  if (path !== undefined && (listing.state === 'any' || FINISHED.some((state) => state === listing.state))) {
    const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    return client.get(`${path}${path.includes('?') ? '&' : '?'}limit=${PAGE_ITEMS}${from}`, signal);
  }
  const parts = await Promise.all(paths.map((each) => listEverything<GridCase>(client, each, signal)));
  const byId = new Map(parts.flat().map((gridCase) => [gridCase.id, gridCase]));
  const items = [...byId.values()].sort((a, b) => a.deadlineAt.localeCompare(b.deadlineAt));
  return { items, nextCursor: null };
}

/** Cases by filter: open ones by deadline, histories newest first and page by page. */
export function useCases({ state, isMine }: CaseFilter) {
  const { client } = useHub();
  return useInfiniteQuery({
    queryKey: keys.cases({ state, isMine }),
    queryFn: ({ pageParam, signal }) => readPage(client, { state, isMine }, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }: Page<GridCase>) => nextCursor,
  });
}

/** One case with its steps. */
export function useCase(id: string) {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.case(id),
    queryFn: ({ signal }) => client.get<CaseDetail>(`/api/v1/cases/${encodeURIComponent(id)}`, signal),
  });
}
