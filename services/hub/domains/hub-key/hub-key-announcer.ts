import { setTimeout as delay } from 'node:timers/promises';
import { hubKeyId } from '@dipper/contract/hub-key-id';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { CommandSender } from '../../commands/command-sender.ts';
import type { Database } from '../../database/schema.ts';
import type { AuditTrail } from '../audit/audit.service.ts';
import type { HubKeyService } from './hub-key.service.ts';
import type { HubKeyring } from './hub-keyring.ts';

const TURN_MS = 1_000;
/** An agent that did not take it is not asked again sooner. */
const PAUSE_MS = 30_000;

/**
 * Sees to it that every agent believes the keys that it should: tells those that are online and behind, and once all that
 * ever spoke believe the next key, has the hub sign with it. Copies of the hub may tell an agent twice, which changes
 * nothing; the change of keys happens once.
 */
export interface HubKeyAnnouncer {
  run(signal: AbortSignal): Promise<void>;
}

export interface HubKeyAnnouncerOptions {
  readonly db: Kysely<Database>;
  readonly keyring: HubKeyring;
  readonly keys: Pick<HubKeyService, 'activate'>;
  readonly sendCommand: CommandSender;
  readonly audit: AuditTrail;
  readonly log: Logger;
  /** Milliseconds that pass evenly. */
  readonly monotonicNow?: () => number;
}

interface Believer {
  readonly id: string;
  readonly estate: string;
  readonly isOnline: boolean;
  /** As it told last; null while it has not. */
  readonly hubKeys: readonly string[] | null;
}

export function createHubKeyAnnouncer(options: HubKeyAnnouncerOptions): HubKeyAnnouncer {
  const { db, keyring, keys, sendCommand, audit, log, monotonicNow = () => performance.now() } = options;
  const notBefore = new Map<string, number>();

  const tell = async ({ id, estate }: Believer, signal: AbortSignal): Promise<void> => {
    notBefore.set(id, monotonicNow() + PAUSE_MS);
    try {
      await sendCommand({ estate, agent: id }, { name: 'hub-keys.set', keys: [...keyring.publicKeys()] }, signal);
      notBefore.delete(id);
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, agent: id }, 'an agent did not take the hub’s keys');
    }
  };
  const turn = async (signal: AbortSignal): Promise<void> => {
    const [current = '', next] = keyring.publicKeys().map(hubKeyId);
    const believers = await listBelievers(db);
    if (next !== undefined && believers.every(({ hubKeys }) => hubKeys?.includes(next))) {
      await keys.activate(next);
      const reason = 'every agent believes it';
      log.info({ key: next }, reason);
      const by = { principal: undefined, address: 'hub', requestId: 'hub' };
      await audit.record({ action: 'hub-key.activate', target: next, reason, outcome: 'granted', ...by });
      return;
    }
    const wanted = new Set(next === undefined ? [current] : [current, next]);
    const behind = believers.filter(({ id, isOnline, hubKeys }) => {
      const isTold = hubKeys?.includes(current) === true && isOnline && (notBefore.get(id) ?? 0) <= monotonicNow();
      return isTold && wanted.symmetricDifference(new Set(hubKeys)).size > 0;
    });
    await Promise.all(behind.map((agent) => tell(agent, signal)));
  };
  return {
    async run(signal) {
      while (!signal.aborted) {
        await turn(signal).catch((error: unknown) => {
          if (!signal.aborted) log.warn({ err: error }, 'the hub’s keys could not be seen to');
        });
        await delay(TURN_MS, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

/** Every agent that ever spoke. */
async function listBelievers(db: Kysely<Database>): Promise<Believer[]> {
  const rows = await db
    .selectFrom('dipper.agent_status as status')
    .innerJoin('dipper.agent as agent', 'agent.id', 'status.agent')
    .select(['agent.id', 'agent.estate', 'status.state', 'status.hub_keys'])
    .execute();
  return rows.map(({ id, estate, state, hub_keys }) => ({
    id,
    estate,
    isOnline: state === 'online',
    hubKeys: hub_keys,
  }));
}
