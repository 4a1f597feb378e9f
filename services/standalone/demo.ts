import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PartName } from '@dipper/contract/lifecycle';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import { ensureModels } from '@dipper/models/ensure-models';
import type { StandaloneConfig } from './config.ts';
import { ensureConsole } from './console-build.ts';
import { DEMO, writeBrokerAccounts, writeEdgeConfig } from './demo-files.ts';
import { findFreePort, isPortFree } from './free-port.ts';
import { type Part, startPart } from './part.ts';
import { generatePassword, openSecretStore } from './secrets.ts';
import type { Terminal } from './terminal.ts';

export interface Demo {
  readonly url: string;
  /** Told once: at the start that set it. */
  readonly adminPassword: string | undefined;
  stop(): Promise<void>;
}

/** Something the user has to mend before the demo can start. */
export class DemoError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'DemoError';
    this.code = code;
  }
}

/**
 * Brings up everything on this machine: database, broker, hub, the simulated estate and one edge agent, each a process
 * of its own, in the order in which they need each other. What was started is stopped again when a later one fails.
 *
 * @param root the repository
 */
export async function startDemo(
  config: StandaloneConfig,
  root: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Demo> {
  const started: Part[] = [];
  const stop = async (): Promise<void> => {
    // The reverse order: an edge says that it stops, and the hub still hears it.
    for (const part of started.toReversed()) {
      terminal.progress(part.name, 'stopping');
      await part.stop();
    }
  };
  try {
    return await bringUp(config, root, terminal, signal, started, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function bringUp(
  config: StandaloneConfig,
  root: string,
  terminal: Terminal,
  signal: AbortSignal,
  started: Part[],
  stop: () => Promise<void>,
): Promise<Demo> {
  if (!(await isPortFree(config.port, '127.0.0.1'))) {
    throw new DemoError('PORT_IN_USE', `port ${config.port} is in use; choose another: DIPPER_PORT=8090 npm start`);
  }
  const at = (...parts: string[]): string => join(config.dataDir, ...parts);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const secrets = openSecretStore(at('secrets'));
  const start = async (name: PartName, entry: string, args: readonly string[], env: Record<string, string> = {}) => {
    const part = await startPart({
      name,
      entry: join(root, entry),
      args,
      env,
      logFile: at('logs', `${name}.log`),
      onProgress: terminal.progress,
    });
    started.push(part);
    return part;
  };

  const ffmpeg = await findFfmpeg({
    env: process.env,
    allowInstall: config.allowInstall,
    onProgress: (message) => terminal.progress('ffmpeg', message),
  });
  terminal.progress('ffmpeg', `${ffmpeg.version} (${ffmpeg.path})`);
  const modelsDir = process.env['DIPPER_MODELS_DIR'] ?? at('models');
  const devicePassword = secrets.get('device-password');

  // Long work that nothing else needs first runs beside the rest.
  const models = ensureModels({
    dir: modelsDir,
    sets: ['face-capture'],
    onProgress: (message) => terminal.progress('models', message),
    signal,
  });
  const consoleDir = ensureConsole(root, (message) => terminal.progress('console', message), signal);
  const simulator = start(
    'simulator',
    'services/simulator/main.ts',
    [
      ...['--config', join(root, 'config/simulator.yaml'), '--data', at('simulator'), '--scene', config.scene],
      ...(config.picturesDir === undefined ? [] : ['--pictures', config.picturesDir]),
    ],
    { FFMPEG_PATH: ffmpeg.path, SIMULATOR_PASSWORD: devicePassword },
  );
  const preparation = Promise.all([models, consoleDir, simulator]);
  preparation.catch(() => undefined); // awaited below; a failure meanwhile must not end the process

  const databaseUrl = config.databaseUrl ?? (await startDatabase());
  const mqtt = await startBroker();
  const firstStart = !existsSync(at('secrets', 'admin-told'));
  const adminPassword = config.adminPassword ?? (firstStart ? generatePassword() : undefined);
  const signingKey = at('secrets', 'hub-signing-key.jwk');
  await start('hub', 'services/hub/main.ts', [], {
    HUB_DATABASE_URL: databaseUrl,
    HUB_MQTT_URL: mqtt.url,
    HUB_MQTT_PROTOCOL: String(mqtt.protocol),
    ...(mqtt.hubUsername === undefined ? {} : { HUB_MQTT_USERNAME: mqtt.hubUsername }),
    ...(mqtt.hubPassword === undefined ? {} : { HUB_MQTT_PASSWORD: mqtt.hubPassword }),
    HUB_HOST: '127.0.0.1',
    HUB_PORT: String(config.port),
    HUB_SIGNING_KEY_FILE: signingKey,
    HUB_RULES_FILE: join(root, 'config/rules.yaml'),
    HUB_PLACES_FILE: config.placesFile,
    HUB_CONSOLE_DIR: join(root, 'services/console/dist'),
    ...(adminPassword === undefined ? {} : { HUB_ADMIN_PASSWORD: adminPassword }),
  });
  writeFileSync(at('secrets', 'admin-told'), '', { mode: 0o600 });

  const [, , street] = await preparation;
  writeEdgeConfig(at('edge', 'edge.yaml'), {
    dataDir: at('edge'),
    hubPublicKeyFile: `${signingKey.replace(/\.jwk$/, '')}.pub.jwk`,
    mqtt: {
      url: mqtt.url,
      protocolVersion: mqtt.protocol,
      username: mqtt.agentUsername,
      passwordFile: mqtt.agentPasswordFile,
    },
    mediaKeyFile: at('secrets', 'edge-media.key'),
    modelsDir,
    cameraUrl: addressOf(street, `onvif:${DEMO.camera}`),
    barrierUrl: addressOf(street, `onvif:${DEMO.barrier}`),
    devicePasswordFile: secrets.pathOf('device-password'),
  });
  await start('edge', 'edge/agent/main.ts', ['--config', at('edge', 'edge.yaml')], { FFMPEG_PATH: ffmpeg.path });
  return { url: `http://127.0.0.1:${config.port}`, adminPassword, stop };

  async function startDatabase(): Promise<string> {
    const password = secrets.get('database-password');
    const database = await start('database', 'services/standalone/database/main.ts', [
      ...['--data', at('database'), '--port', String(await findFreePort())],
      ...['--password-file', secrets.pathOf('database-password')],
    ]);
    const url = new URL(addressOf(database, 'postgres'));
    url.password = password;
    return url.href;
  }

  async function startBroker() {
    if (config.mqttUrl !== undefined) {
      return {
        url: config.mqttUrl,
        protocol: config.mqttProtocol,
        hubUsername: config.mqttUsername,
        hubPassword: config.mqttPassword,
        agentUsername: config.mqttUsername,
        agentPasswordFile: config.mqttPassword === undefined ? undefined : writeMqttPassword(config.mqttPassword),
      };
    }
    const accountsFile = at('secrets', 'broker-accounts.json');
    writeBrokerAccounts(accountsFile, { hub: secrets.get('mqtt-hub'), agent: secrets.get('mqtt-agent') });
    const broker = await start('broker', 'services/standalone/broker/main.ts', [
      ...['--accounts', accountsFile, '--port', String(await findFreePort())],
    ]);
    return {
      url: addressOf(broker, 'mqtt'),
      protocol: 4 as const,
      hubUsername: 'hub',
      hubPassword: secrets.get('mqtt-hub'),
      agentUsername: DEMO.agent,
      agentPasswordFile: secrets.pathOf('mqtt-agent'),
    };
  }

  function writeMqttPassword(password: string): string {
    const path = at('secrets', 'mqtt-given');
    writeFileSync(path, password, { mode: 0o600 });
    return path;
  }
}

function addressOf(part: Part, name: string): string {
  const address = part.addresses[name];
  if (address === undefined)
    throw new DemoError('PART_SAYS_NOTHING', `${part.name} did not tell its address '${name}'`);
  return address;
}
