import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import type { HubKeys } from '../../link/hub-keys.ts';
import { openPolicyClient, type PolicyClient } from '../../link/policy-client.ts';
import type { EdgeConfig } from '../config/read-config.ts';

export interface AccessPolicyOptions {
  readonly config: Pick<EdgeConfig, 'estate' | 'agent' | 'hub' | 'policy'>;
  readonly keys: Pick<HubKeys, 'open'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** The access policy of this edge; undefined where it has no credential key, and so decides nothing. */
export async function openAccessPolicy(options: AccessPolicyOptions): Promise<PolicyClient | undefined> {
  const { config, keys, clock, log, signal } = options;
  const { estate, agent, hub, policy } = config;
  if (policy === undefined) return undefined;
  return openPolicyClient({
    ...{ origin: { estate, agent }, keys, credentialKey: policy.credentialKey, file: policy.file },
    ...{ hubUrl: hub.url, ca: hub.ca, clock, log, signal },
  });
}
