import type { AccessRecordView } from '@dipper/contract/api/access-record';
import type { Page } from '@dipper/contract/api/page';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

const HOUR_MS = 3_600_000;
/** How far back one looks. */
export const RECORD_SPANS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS } as const;
export type RecordSpan = keyof typeof RECORD_SPANS;

export interface RecordFilter {
  readonly outcome?: 'granted' | 'denied' | undefined;
  /** The gate. */
  readonly device?: string | undefined;
  readonly span: RecordSpan;
  readonly pageItems?: number;
}

/** Requests at gates, newest first. Every reading is on record, so nothing reads again by itself. */
export function useAccessRecords({ outcome, device, span, pageItems = 50 }: RecordFilter) {
  const { client, clock } = useHub();
  const filter = {
    ...{ limit: String(pageItems) },
    ...(outcome !== undefined && { outcome }),
    ...(device !== undefined && { device }),
  };
  return useInfiniteQuery({
    queryKey: keys.accessRecords(JSON.stringify({ ...filter, span })),
    queryFn: ({ pageParam, signal }) => {
      const from = new Date(clock.nowMs() - RECORD_SPANS[span]).toISOString();
      const query = new URLSearchParams({ ...filter, from, ...(pageParam !== '' && { cursor: pageParam }) });
      return client.get<Page<AccessRecordView>>(`/api/v1/access-records?${query}`, signal);
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
}
