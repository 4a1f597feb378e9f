import type { AgentPolicyView } from '@dipper/contract/api/agent-policy';

/** An edge that is there takes a policy up within seconds; one that was restarted, within a minute. */
export const LATE_AFTER_MS = 2 * 60_000;

type Late = AgentPolicyView & { readonly behindSince: string };

/** Edges that have gone by an old policy for so long that somebody should know, the longest first. */
export function latePoliciesOf(policies: readonly AgentPolicyView[], nowMs: number): Late[] {
  return policies
    .filter((policy): policy is Late => policy.behindSince !== null && policy.hasKey)
    .filter(({ behindSince }) => nowMs - Date.parse(behindSince) >= LATE_AFTER_MS)
    .toSorted((a, b) => Date.parse(a.behindSince) - Date.parse(b.behindSince));
}
