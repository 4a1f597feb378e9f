import { type AddressInfo, createServer } from 'node:net';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import type { Logger } from 'pino';
import { type BrokerAccount, type BrokerUser, findBrokerAccount, mayPublish, maySubscribe } from './accounts.ts';
import type { AgentPasswords, EnrolledAgent } from './agent-passwords.ts';

export interface BrokerOptions {
  readonly accounts: ReadonlyMap<string, BrokerAccount>;
  /** Agents that enrolled, besides; closed with the broker. */
  readonly agents?: AgentPasswords;
  readonly port: number;
  readonly log: Logger;
}

export interface BrokerServer {
  readonly port: number;
  close(): Promise<void>;
}

/** MQTT 3.1.1 §3.2.2.3, return code 4. */
const BAD_USERNAME_OR_PASSWORD = 4;

/**
 * Serves MQTT 3.1.1 on 127.0.0.1 (Aedes 1.2 has no version 5).
 *
 * Sessions, retained messages and queued messages live in memory and are gone with the process. Nothing is lost all
 * the same, because nothing relies on the broker's memory: an event leaves the edge's outbox only when a receipt
 * signed after the database's commit names it, so what was queued here is sent again; retained status and device
 * states are published anew by every agent when it connects; commands and results expire within seconds and are
 * asked for again by a person.
 */
export async function openBroker({ accounts, agents, port, log }: BrokerOptions): Promise<BrokerServer> {
  const accountOf = new WeakMap<Client, BrokerUser>();
  const enrolled = new Map<Client, EnrolledAgent>();
  const broker = await Aedes.createBroker({
    authenticate(client, username, password, done) {
      const agent = agents?.find(username, password);
      if (agent !== undefined) enrolled.set(client, agent);
      const account = agent ?? findBrokerAccount(accounts, username, password);
      if (account === undefined) {
        log.warn({ client: client.id, username }, 'refused a client: wrong name or password');
        done(refusal(), false);
        return;
      }
      accountOf.set(client, account);
      done(null, true);
    },
    authorizePublish(client, packet, done) {
      const account = client === null ? undefined : accountOf.get(client);
      if (account !== undefined && mayPublish(account, packet.topic)) return done(null);
      log.warn({ client: client?.id, topic: packet.topic }, 'refused a publish');
      done(new Error('not allowed to publish on this topic'));
    },
    authorizeSubscribe(client, subscription, done) {
      const account = accountOf.get(client);
      if (account !== undefined && maySubscribe(account, subscription.topic)) return done(null, subscription);
      log.warn({ client: client.id, topic: subscription.topic }, 'refused a subscription');
      done(null, null); // answered with 0x80, failure (§3.9.3)
    },
  });
  broker.on('clientDisconnect', (client) => enrolled.delete(client));
  agents?.watch(() => {
    for (const [client, agent] of enrolled) {
      if (agents.isStill(agent)) continue;
      log.info({ client: client.id, username: agent.username }, 'its login was taken away or replaced');
      enrolled.delete(client);
      client.close();
    }
  });
  broker.on('clientError', (client, error) => log.info({ client: client.id, reason: error.message }, 'client error'));
  broker.on('connectionError', (_client, error) => log.info({ reason: error.message }, 'connection error'));

  const server = createServer({ noDelay: true }, broker.handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      agents?.close();
      server.close();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
    },
  };
}

function refusal(): AuthenticateError {
  return Object.assign(new Error('wrong name or password'), { returnCode: BAD_USERNAME_OR_PASSWORD });
}
