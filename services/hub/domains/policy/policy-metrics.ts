import { Counter, Gauge, type Registry } from 'prom-client';

export type PolicyMetrics = ReturnType<typeof createPolicyMetrics>;

/** What is counted of access policies. */
export function createPolicyMetrics(registry: Registry) {
  const registers = [registry];
  return {
    made: new Counter({
      name: 'dipper_hub_policies_made_total',
      help: 'Access policies that were compiled, because who may pass has changed, or only signed anew',
      labelNames: ['what'] as const,
      registers,
    }),
    failures: new Counter({
      name: 'dipper_hub_policy_failures_total',
      help: 'Attempts to compile an access policy that failed; the edge goes by the one before',
      registers,
    }),
    behind: new Gauge({
      name: 'dipper_hub_policies_behind',
      help: 'Edges that have not taken up the latest access policy for more than a minute',
      registers,
    }),
  };
}
