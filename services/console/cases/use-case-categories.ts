import type { CaseCategory } from '@dipper/contract/api/case-category';
import { useQuery } from '@tanstack/react-query';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** What cases can be about; undefined until it has been read. */
export function useCaseCategories(): readonly CaseCategory[] | undefined {
  const { client } = useHub();
  const { data } = useQuery({
    queryKey: keys.caseCategories,
    queryFn: ({ signal }) => client.get<{ items: readonly CaseCategory[] }>('/api/v1/case-categories', signal),
  });
  return data?.items;
}
