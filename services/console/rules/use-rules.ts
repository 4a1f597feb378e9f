import type { DryRunResult, NewRule, RuleChange, RuleView } from '@dipper/contract/api/rule';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useHub } from '../api/hub-context.ts';

const KEY = ['rules'] as const;
const DAY_MS = 24 * 3_600_000;

/** Every rule, those of the file first. */
export function useRules() {
  const { client } = useHub();
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) =>
      (await client.get<{ readonly items: readonly RuleView[] }>('/api/v1/rules', signal)).items,
    // The feed does not tell of rules: somebody else may have been here.
    staleTime: 0,
  });
}

export function useCreateRule() {
  const { client } = useHub();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (rule: NewRule) => client.send<RuleView>('POST', '/api/v1/rules', rule),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: KEY }),
  });
}

export function useChangeRule() {
  const { client } = useHub();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { readonly id: string; readonly change: RuleChange }) =>
      client.send<RuleView>('PATCH', `/api/v1/rules/${encodeURIComponent(id)}`, change),
    // Also after a refusal: somebody else was first.
    onSettled: () => queryClient.invalidateQueries({ queryKey: KEY }),
  });
}

/** What a rule would have raised in the last days. */
export function useDryRun() {
  const { client } = useHub();
  return useMutation({
    mutationFn: ({ yaml, days, signal }: { yaml: string; days: number; signal: AbortSignal }) => {
      const until = Date.now();
      const time = { from: new Date(until - days * DAY_MS).toISOString(), until: new Date(until).toISOString() };
      return client.send<DryRunResult>('POST', '/api/v1/rules/dry-run', { yaml, ...time }, signal);
    },
  });
}
