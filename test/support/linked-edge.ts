import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '@dipper/edge/link/clock';
import type { CommandHandlers } from '@dipper/edge/link/commands';
import { openHubKeys } from '@dipper/edge/link/hub-keys';
import { createHubTime } from '@dipper/edge/link/hub-time';
import { createLink, type Link } from '@dipper/edge/link/link';
import { openOutbox } from '@dipper/edge/link/outbox';
import { openPolicyClient, type PolicyClient } from '@dipper/edge/link/policy-client';
import { type Logger, pino } from 'pino';
import type { HubGround } from './running-hub.ts';

export const ORIGIN = { estate: 'lanting', agent: 'lanting-edge-1' } as const;

/** Settings of a hub that has the edge's credential key from a file, as an administrator brings one in by hand. */
export function credentialKeyEnv(ground: HubGround, credentialKey: Buffer): Readonly<Record<string, string>> {
  const file = join(ground.dir, 'credential-keys');
  const { estate, agent } = ORIGIN;
  writeFileSync(file, `${estate}/${agent}:${credentialKey.toString('base64')}\n`, { mode: 0o600 });
  return { HUB_CREDENTIAL_KEYS_FILE: file };
}

/** The real outbox, policy client and link of an edge without devices. */
export interface LinkedEdge {
  readonly policy: PolicyClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** Every line of its log. */
  readonly logged: readonly string[];
  /** Aborted when it stops. */
  readonly signal: AbortSignal;
  /** Speaks to the hub from then on. */
  connect(handlers: CommandHandlers): Link;
  stop(): Promise<void>;
}

/**
 * @param ground where a hub has started, so that its key is there to be pinned
 * @param folder of its files; what another one left there it goes on from
 */
export async function openLinkedEdge(ground: HubGround, folder: string, credentialKey: Buffer): Promise<LinkedEdge> {
  const [clock, stop] = [systemClock, new AbortController()];
  const hubTime = createHubTime(clock);
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  const keys = await openHubKeys({
    pinned: join(ground.dir, 'signing-key.pub.jwk'),
    learnt: join(folder, 'hub-keys.json'),
  });
  const policy = await openPolicyClient({
    ...{ origin: ORIGIN, keys, credentialKey, file: join(folder, 'policy.json'), clock, log, signal: stop.signal },
  });
  const outbox = openOutbox({ path: join(folder, 'outbox.sqlite'), origin: ORIGIN, budgetBytes: 1e7, clock, hubTime });
  let link: Link | undefined;
  return {
    ...{ policy, clock, log, logged, signal: stop.signal },
    connect(handlers) {
      link = createLink({
        ...{
          origin: ORIGIN,
          bootId: randomUUID(),
          version: 'test',
          outbox,
          hubTime,
          clock,
          keys,
          handlers,
          log,
          policy,
        },
        broker: { url: ground.broker.url, protocolVersion: 4, ...ground.broker.agent(ORIGIN.agent) },
      });
      return link;
    },
    async stop() {
      stop.abort();
      await link?.close();
      outbox.close();
    },
  };
}
