import { join } from 'node:path';
import type { StandaloneConfig } from './config.ts';
import { DEMO, writeBrokerAccounts } from './demo-files.ts';
import { findFreePort } from './free-port.ts';
import type { Part } from './part.ts';
import type { SecretStore } from './secrets.ts';

/** Starts a part of the demo by the path of its main.ts below the repository. */
export type StartPart = (
  name: Part['name'],
  entry: string,
  args: readonly string[],
  env?: Record<string, string>,
) => Promise<Part>;

/** A login whose password lies in a file, as hub and edge want it. */
export interface FileLogin {
  readonly username: string | undefined;
  readonly passwordFile: string | undefined;
}

export interface BrokerAccess {
  readonly url: string;
  readonly protocol: 4 | 5;
  readonly hub: FileLogin;
  readonly agent: FileLogin;
  /** Where the hub puts the logins of agents that enrol; undefined where the broker is somebody else's. */
  readonly passwordsFile: string | undefined;
}

/** The address of the database, password included: the embedded one, started here, unless another was given. */
export async function provideDatabase(
  config: StandaloneConfig,
  secrets: SecretStore,
  start: StartPart,
): Promise<string> {
  if (config.databaseUrl !== undefined) return config.databaseUrl;
  const database = await start('database', 'services/standalone/database/main.ts', [
    ...['--data', join(config.dataDir, 'database'), '--port', String(await findFreePort())],
    ...['--password-file', secrets.fileOf('database-password')],
  ]);
  const url = new URL(addressOf(database, 'postgres'));
  url.password = secrets.get('database-password');
  return url.href;
}

/** How hub and agent reach the broker: the embedded one, started here, unless another was given. */
export async function provideBroker(
  config: StandaloneConfig,
  secrets: SecretStore,
  start: StartPart,
): Promise<BrokerAccess> {
  if (config.mqttUrl !== undefined) {
    const login: FileLogin = {
      username: config.mqttUsername,
      passwordFile: config.mqttPassword === undefined ? undefined : secrets.put('mqtt-given', config.mqttPassword),
    };
    return { url: config.mqttUrl, protocol: config.mqttProtocol, hub: login, agent: login, passwordsFile: undefined };
  }
  const accountsFile = join(config.dataDir, 'secrets', 'broker-accounts.json');
  writeBrokerAccounts(accountsFile, { hub: secrets.get('mqtt-hub'), agent: secrets.get('mqtt-agent') });
  const passwordsFile = join(config.dataDir, 'secrets', 'broker-passwords');
  const broker = await start('broker', 'services/standalone/broker/main.ts', [
    ...['--accounts', accountsFile, '--passwords', passwordsFile, '--port', String(await findFreePort())],
  ]);
  return {
    url: addressOf(broker, 'mqtt'),
    protocol: 4, // Aedes 1.2 speaks MQTT 3.1.1 only
    hub: { username: 'hub', passwordFile: secrets.fileOf('mqtt-hub') },
    agent: { username: DEMO.agent, passwordFile: secrets.fileOf('mqtt-agent') },
    passwordsFile,
  };
}

/** An address that a part told when it became usable. @throws Error when it told none of that name */
export function addressOf(part: Part, name: string): string {
  const address = part.ready.addresses[name];
  if (address === undefined) throw new Error(`${part.name} did not tell its address '${name}'`);
  return address;
}
