import type { Assignee } from '@dipper/contract/api/case';
import { useQuery } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** `handle`: who can be given a case; `entrust`: who can own one (包案). */
export type AssigneePurpose = 'handle' | 'entrust';

export function useAssignees(purpose: AssigneePurpose) {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.assignees(purpose),
    queryFn: ({ signal }) => listEverything<Assignee>(client, `/api/v1/assignees?for=${purpose}`, signal),
  });
}
