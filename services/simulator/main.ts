import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { tellParent } from '@dipper/contract/lifecycle';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import { pino } from 'pino';
import { onAnyPorts, readConfigFile } from './config/config.ts';
import { SCENE_NAMES, type SceneName } from './scene/scene-name.ts';
import { createSimulator } from './simulator.ts';
import { SimulatorError } from './simulator-error.ts';

const USAGE =
  'npm run simulator -- [--config config/simulator.yaml] [--scene people|empty|still|vehicles|vehicles-at-night] [--pictures DIR] [--data DIR] [--any-ports]';

/** Time for connections to end before the process does. */
const EXIT_DEADLINE_MS = 4_000;

const log = pino({ name: 'simulator', level: process.env['LOG_LEVEL'] ?? 'info' });
const stop = new AbortController();
for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(event, () => stop.abort());

try {
  const { values } = parseArguments();
  const path = resolve(values.config);
  const config = await readConfigFile(path, { env: process.env, folder: dirname(path) });
  const onProgress = (message: string, fraction?: number) => {
    log.info({ fraction }, message);
    tellParent({ type: 'progress', part: 'simulator', message, ...(fraction === undefined ? {} : { fraction }) });
  };
  const ffmpeg = await findFfmpeg({ env: process.env, allowInstall: true, signal: stop.signal, onProgress });
  const simulator = await createSimulator(
    { ...(values['any-ports'] ? onAnyPorts(config) : config), scene: parseScene(values.scene) ?? config.scene },
    {
      dataFolder: resolve(values.data ?? join(process.env['DIPPER_DATA'] ?? 'data', 'simulator')),
      picturesFolder: values.pictures === undefined ? undefined : resolve(values.pictures),
      ffmpeg,
      signal: stop.signal,
      log,
      onProgress,
    },
  );
  log.info({ addresses: simulator.addresses }, 'The simulated estate is ready');
  tellParent({ type: 'ready', part: 'simulator', addresses: simulator.addresses });
  if (!stop.signal.aborted) await new Promise((done) => stop.signal.addEventListener('abort', done, { once: true }));
  log.info({}, 'Stopping');
  setTimeout(() => process.exit(0), EXIT_DEADLINE_MS).unref();
  await simulator.close();
  process.exit(0);
} catch (error) {
  if (stop.signal.aborted) process.exit(0);
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  log.fatal({ code, err: error }, message);
  tellParent({ type: 'failed', part: 'simulator', code, message });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}

function parseArguments() {
  try {
    return parseArgs({
      options: {
        config: { type: 'string', default: 'config/simulator.yaml' },
        scene: { type: 'string' },
        pictures: { type: 'string' },
        data: { type: 'string' },
        'any-ports': { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new SimulatorError('ARGUMENT_INVALID', `${cause instanceof Error ? cause.message : cause}. Usage: ${USAGE}`, {
      cause,
    });
  }
}

function parseScene(name: string | undefined): SceneName | undefined {
  if (name === undefined) return undefined;
  const found = SCENE_NAMES.find((scene) => scene === name);
  if (found === undefined) throw new SimulatorError('ARGUMENT_INVALID', `There is no scene ${name}. Usage: ${USAGE}`);
  return found;
}
