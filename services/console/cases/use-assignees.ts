import type { Assignee } from '@dipper/contract/api/case';
import { useQuery } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** Who can be given a case. */
export function useAssignees() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.assignees,
    queryFn: ({ signal }) => listEverything<Assignee>(client, '/api/v1/assignees', signal),
  });
}
