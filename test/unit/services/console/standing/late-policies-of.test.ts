import type { AgentPolicyView } from '@dipper/contract/api/agent-policy';
import { expect, it } from 'vitest';
import { LATE_AFTER_MS, latePoliciesOf } from '../../../../../services/console/standing/late-policies-of.ts';

const NOW_MS = Date.parse('2026-11-24T08:00:00.000Z');
const policy = (id: string, behindMs: number | undefined, hasKey = true): AgentPolicyView => ({
  ...{ id, estate: 'lanting', version: 2, changedAt: null, expiresAt: null, hasKey, ackedVersion: 1, ackedAt: null },
  behindSince: behindMs === undefined ? null : new Date(NOW_MS - behindMs).toISOString(),
  problem: null,
});

it('edges that take their time are no news; those that are late stand there, the longest first', () => {
  const policies = [
    ...[policy('good', undefined), policy('quick', LATE_AFTER_MS - 1), policy('late', LATE_AFTER_MS)],
    ...[policy('later', 10 * LATE_AFTER_MS), policy('keyless', 10 * LATE_AFTER_MS, false)],
  ];
  expect(latePoliciesOf(policies, NOW_MS).map(({ id }) => id)).toEqual(['later', 'late']);
});
