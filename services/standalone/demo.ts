import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import { ensureModels } from '@dipper/models/ensure-models';
import type { StandaloneConfig } from './config.ts';
import { ensureConsole } from './console-build.ts';
import { enterDemoResidents, provideCredentialKey } from './demo-access.ts';
import { DEMO, writeEdgeConfig, writeStreetConfig } from './demo-files.ts';
import { isPortFree } from './free-port.ts';
import { type Part, startPart } from './part.ts';
import { openSecretStore } from './secrets.ts';
import { addressOf, provideBroker, provideDatabase, type StartPart } from './stores.ts';
import type { Terminal } from './terminal.ts';

export interface Demo {
  readonly url: string;
  /** Told once: at the start that set it. */
  readonly adminPassword: string | undefined;
  stop(): Promise<void>;
}

/** Another program listens where the page should be. */
export class PortInUseError extends Error {
  readonly code = 'PORT_IN_USE';
}

/**
 * Brings up everything on this machine: database, broker, hub, the simulated estate and one edge agent, each a process
 * of its own, in the order in which they need each other. What was started is stopped again when a later one fails.
 *
 * @param root the repository
 * @throws PortInUseError, PartFailedError, and what finding ffmpeg, fetching models and building the page throw
 */
export async function startDemo(
  config: StandaloneConfig,
  root: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Demo> {
  if (!(await isPortFree(config.port, '127.0.0.1'))) {
    throw new PortInUseError(`port ${config.port} is in use; choose another: DIPPER_PORT=8090 npm start`);
  }
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const failed = new AbortController();
  const givenUp = AbortSignal.any([signal, failed.signal]);
  const started: Part[] = [];
  const starting: Promise<Part>[] = [];
  const start: StartPart = async (name, entry, args, env = {}) => {
    const logFile = join(config.dataDir, 'logs', `${name}.log`);
    const { progress } = terminal;
    const part = startPart({
      name,
      entry: join(root, entry),
      args,
      env,
      logFile,
      onProgress: progress,
      signal: givenUp,
    });
    starting.push(part);
    started.push(await part);
    return part;
  };
  const stop = async (): Promise<void> => {
    // In reverse: an edge says that it stops, and the hub still hears it.
    for (const part of started.splice(0).toReversed()) {
      terminal.progress(part.name, 'stopping');
      await part.stop();
    }
  };
  try {
    const adminPassword = await bringUp(config, root, terminal, start, givenUp);
    signal.throwIfAborted();
    return { url: `http://127.0.0.1:${config.port}`, adminPassword, stop };
  } catch (error) {
    failed.abort();
    await Promise.allSettled(starting);
    const madeUp = started.find(({ name }) => name === 'hub')?.ready.firstPassword;
    if (madeUp !== undefined) terminal.progress('hub', `has made up the password of admin, told only now: ${madeUp}`);
    await stop();
    throw error;
  }
}

/** @returns the admin's password where this start has set it */
async function bringUp(
  config: StandaloneConfig,
  root: string,
  terminal: Terminal,
  start: StartPart,
  signal: AbortSignal,
): Promise<string | undefined> {
  const at = (...names: string[]): string => join(config.dataDir, ...names);
  const secrets = openSecretStore(at('secrets'));
  const ffmpeg = await findFfmpeg({
    env: process.env,
    allowInstall: config.allowInstall,
    onProgress: (message) => terminal.progress('ffmpeg', message),
    signal,
  });
  terminal.progress('ffmpeg', `${ffmpeg.version} (${ffmpeg.path})`);

  // Long work that database, broker and hub do not need runs beside them.
  const beside = Promise.all([
    startStreet(config, secrets.fileOf('device-password'), start, { FFMPEG_PATH: ffmpeg.path }),
    ensureModels({
      dir: config.modelsDir,
      sets: ['face-capture'],
      onProgress: (message) => terminal.progress('models', message),
      signal,
    }),
    ensureConsole(root, (message) => terminal.progress('console', message), signal),
  ]);
  beside.catch(() => undefined); // awaited below; until then a failure must not end the process

  const databaseUrl = await provideDatabase(config, secrets, start);
  const broker = await provideBroker(config, secrets, start);
  const signingKeyFile = at('secrets', 'hub-signing-key.jwk');
  const credentialKey = provideCredentialKey(at('secrets'));
  const hub = await start('hub', 'services/hub/main.ts', [], {
    HUB_DATABASE_URL: databaseUrl,
    HUB_MQTT_URL: broker.url,
    HUB_MQTT_PROTOCOL: String(broker.protocol),
    HUB_MQTT_USERNAME: broker.hub.username ?? '',
    HUB_MQTT_PASSWORD: '',
    HUB_MQTT_PASSWORD_FILE: broker.hub.passwordFile ?? '',
    HUB_BROKER_PASSWORDS_FILE: broker.passwordsFile ?? '',
    HUB_CREDENTIAL_KEYS_FILE: credentialKey.hubFile,
    HUB_HOST: '127.0.0.1',
    HUB_PORT: String(config.port),
    HUB_SIGNING_KEY_FILE: signingKeyFile,
    HUB_RULES_FILE: join(root, 'config/rules.yaml'),
    HUB_PLACES_FILE: config.placesFile,
    HUB_CONSOLE_DIR: join(root, 'services/console/dist'),
    HUB_MEDIA_DIR: at('hub', 'media'),
    HUB_ADMIN_PASSWORD: config.adminPassword ?? '',
  });

  const password = config.adminPassword ?? hub.ready.firstPassword;
  if (password !== undefined) {
    await enterDemoResidents(`http://127.0.0.1:${config.port}`, password, signal).then(
      (isEntered) => isEntered && terminal.progress('hub', 'has residents, a card and a plate to try'),
      (error: Error) => terminal.progress('hub', `has no residents to try: ${error.message}`),
    );
  }

  const [street] = await beside;
  const edgeConfig = at('edge', 'edge.yaml');
  writeEdgeConfig(edgeConfig, {
    dataDir: at('edge'),
    hubPublicKeyFile: signingKeyFile.replace(/\.jwk$/, '.pub.jwk'),
    mqtt: { url: broker.url, protocolVersion: broker.protocol, ...broker.agent },
    mediaKeyFile: at('secrets', 'edge-media.key'),
    credentialKeyFile: credentialKey.edgeFile,
    modelsDir: config.modelsDir,
    cameraUrl: addressOf(street, `onvif:${DEMO.camera}`),
    barrierUrl: addressOf(street, `onvif:${DEMO.barrier}`),
    devicePasswordFile: secrets.fileOf('device-password'),
  });
  await start('edge', 'edge/agent/main.ts', ['--config', edgeConfig], { FFMPEG_PATH: ffmpeg.path });
  return password;
}

async function startStreet(
  config: StandaloneConfig,
  devicePasswordFile: string,
  start: StartPart,
  env: Record<string, string>,
): Promise<Part> {
  const data = join(config.dataDir, 'simulator');
  const file = join(data, 'simulator.yaml');
  await writeStreetConfig(file, devicePasswordFile);
  const pictures = config.picturesDir === undefined ? [] : ['--pictures', config.picturesDir];
  const args = ['--config', file, '--data', data, '--scene', config.scene, ...pictures];
  return start('simulator', 'services/simulator/main.ts', args, env);
}
