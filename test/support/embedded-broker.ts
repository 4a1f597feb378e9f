import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrokerAccount, passwordSha256 } from '@dipper/standalone/broker/accounts';
import { type ChildPart, startChildPart } from './child-part.ts';

const ENTRY = fileURLToPath(new URL('../../services/standalone/broker/main.ts', import.meta.url));

export interface BrokerLogin {
  readonly username: string;
  readonly password: string;
}

export interface EmbeddedBroker {
  /** `mqtt://127.0.0.1:port`, without a login. The same after `restart`. */
  readonly url: string;
  readonly hub: BrokerLogin;
  /** Where a hub puts the logins of agents that enrol. */
  readonly passwordsFile: string;
  /** The login of an agent named in the options; with its estate where two estates use one name. */
  agent(name: string): BrokerLogin;
  pid(): number;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with nothing in its memory. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface EmbeddedBrokerOptions {
  /** `estate/agent`, by default the demo's `lanting/lanting-edge-1`. */
  readonly agents?: readonly string[];
}

/**
 * Starts the real embedded broker (Aedes, MQTT 3.1.1) in a process of its own; takes about half a second:
 *
 *   const broker = await startEmbeddedBroker();             // in beforeAll
 *   const client = await connectAsync(broker.url, { ...broker.agent('lanting-edge-1'), clientId: 'lanting-edge-1' });
 *   await broker.stop();                                    // in afterAll
 */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-broker-'));
  const accountsFile = join(dir, 'accounts.json');
  const passwordsFile = join(dir, 'passwords');
  const hub = { username: 'hub', password: 'hub-of-a-test' };
  const agents = (options.agents ?? ['lanting/lanting-edge-1']).map((path) => {
    const [estate = '', agent = ''] = path.split('/');
    return { estate, agent, username: `${estate}.${agent}`, password: `${agent}-of-a-test` };
  });
  const accounts: BrokerAccount[] = [
    { role: 'hub', username: hub.username, passwordSha256: passwordSha256(hub.password) },
    ...agents.map(({ estate, agent, username, password }) => ({
      role: 'agent' as const,
      username,
      passwordSha256: passwordSha256(password),
      estate,
      agent,
    })),
  ];
  writeFileSync(accountsFile, JSON.stringify({ accounts }));
  const start = (port: string): Promise<ChildPart> =>
    startChildPart(ENTRY, ['--accounts', accountsFile, '--passwords', passwordsFile, '--port', port]);
  let part = await start('0');
  const url = part.addresses['mqtt'] as string;
  return {
    url,
    hub,
    passwordsFile,
    agent(name) {
      const found = agents.find(({ estate, agent }) => name === agent || name === `${estate}/${agent}`);
      if (found === undefined) throw new Error(`the test's broker has no account for agent ${name}`);
      return { username: found.username, password: found.password };
    },
    pid: () => part.pid,
    kill: () => part.kill(),
    async restart() {
      await part.kill();
      part = await start(new URL(url).port);
    },
    async stop() {
      await part.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
