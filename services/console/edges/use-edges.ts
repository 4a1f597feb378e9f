import type { AgentPolicyView } from '@dipper/contract/api/agent-policy';
import type { EnrolmentCode, EnrolmentView, NewEnrolmentCode } from '@dipper/contract/api/enrolment';
import type { HubKeyView } from '@dipper/contract/api/hub-key';
import type { AgentView } from '@dipper/contract/api/inventory';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import type { HubClient } from '../api/hub-client.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** Keys and codes change without the feed telling. */
const LOOK_AGAIN_MS = 5_000;

/** An edge agent as an administrator sees it: what it tells, and how it came by its login. */
export interface Edge {
  readonly id: string;
  readonly estate: string;
  /** Undefined before it first speaks. */
  readonly agent: AgentView | undefined;
  /** Undefined for one whose login was made by hand. */
  readonly enrolment: EnrolmentView | undefined;
  /** Undefined before it first speaks. */
  readonly policy: AgentPolicyView | undefined;
}

async function listEdges(client: HubClient, signal: AbortSignal): Promise<Edge[]> {
  const [agents, enrolments, policies] = await Promise.all([
    listEverything<AgentView>(client, '/api/v1/agents', signal),
    listEverything<EnrolmentView>(client, '/api/v1/enrolments', signal),
    listEverything<AgentPolicyView>(client, '/api/v1/agent-policies', signal),
  ]);
  const agentOf = new Map(agents.map((agent) => [agent.id, agent]));
  const enrolmentOf = new Map(enrolments.map((enrolment) => [enrolment.id, enrolment]));
  const policyOf = new Map(policies.map((policy) => [policy.id, policy]));
  return [...new Set([...agentOf.keys(), ...enrolmentOf.keys()])].sort().map((id) => {
    const [agent, enrolment] = [agentOf.get(id), enrolmentOf.get(id)];
    return { id, estate: agent?.estate ?? enrolment?.estate ?? '', agent, enrolment, policy: policyOf.get(id) };
  });
}

/** Every edge that speaks or may come. */
export function useEdges() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.edges,
    queryFn: ({ signal }) => listEdges(client, signal),
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** Keys of the hub, newest first. */
export function useHubKeys() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.hubKeys,
    queryFn: ({ signal }) => listEverything<HubKeyView>(client, '/api/v1/hub-keys', signal),
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

function useRefresh(): () => Promise<unknown> {
  const queryClient = useQueryClient();
  return () => Promise.all([keys.edges, keys.hubKeys].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
}

export function useMakeCode() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (asked: NewEnrolmentCode) => client.send<EnrolmentCode>('POST', '/api/v1/enrolment-codes', asked),
    onSuccess: useRefresh(),
  });
}

export function useTakeLoginAway() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (agent: string) => client.send<undefined>('DELETE', `/api/v1/enrolments/${encodeURIComponent(agent)}`),
    onSuccess: useRefresh(),
  });
}

/** Makes the next key, or signs with it at once. */
export function useReplaceKey() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (next: string | undefined) =>
      client.send<HubKeyView>(
        'POST',
        next === undefined ? '/api/v1/hub-keys' : `/api/v1/hub-keys/${encodeURIComponent(next)}/activation`,
      ),
    onSuccess: useRefresh(),
  });
}
