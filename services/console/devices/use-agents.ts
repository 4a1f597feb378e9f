import type { AgentView } from '@dipper/contract/api/inventory';
import { useQuery } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { useAllowed } from '../session/session-context.ts';

/** Every edge agent; nothing for those who may not see them. */
export function useAgents() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.agents,
    queryFn: ({ signal }) => listEverything<AgentView>(client, '/api/v1/agents', signal),
    enabled: useAllowed('readAgents'),
  });
}
