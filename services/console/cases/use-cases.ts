import type { CaseDetail, GridCase } from '@dipper/contract/api/case';
import type { Page } from '@dipper/contract/api/page';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import type { HubClient } from '../api/hub-client.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { type CaseFilter, casePathsOf, FINISHED } from './case-filter.ts';

const PAGE_ITEMS = 50;

/** Cases become overdue without a change that the feed could tell. */
const OVERDUE_REREAD_MS = 30_000;

/** Open cases are few enough to be read whole, and have to be: which of them is due first can be in any page. */
async function readPage(
  client: HubClient,
  filter: CaseFilter,
  cursor: string,
  signal: AbortSignal,
): Promise<Page<GridCase>> {
  const paths = casePathsOf(filter);
  const [path] = paths;
  const isHistory = filter.state === 'any' || FINISHED.some((state) => state === filter.state);
  if (path !== undefined && isHistory && !filter.isOverdueOnly) {
    const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    return client.get(`${path}${path.includes('?') ? '&' : '?'}limit=${PAGE_ITEMS}${from}`, signal);
  }
  const parts = await Promise.all(paths.map((each) => listEverything<GridCase>(client, each, signal)));
  const byId = new Map(parts.flat().map((gridCase) => [gridCase.id, gridCase]));
  const items = [...byId.values()].sort((a, b) => a.deadlineAt.localeCompare(b.deadlineAt));
  return { items, nextCursor: null };
}

/** Cases by filter: open ones by deadline, histories newest first and page by page. */
export function useCases(filter: CaseFilter) {
  const { client } = useHub();
  return useInfiniteQuery({
    queryKey: keys.cases(filter),
    queryFn: ({ pageParam, signal }) => readPage(client, filter, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }: Page<GridCase>) => nextCursor,
    refetchInterval: filter.isOverdueOnly ? OVERDUE_REREAD_MS : false,
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
