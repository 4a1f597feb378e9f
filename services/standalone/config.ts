import { isAbsolute, join, resolve } from 'node:path';
import { suggestName } from '@dipper/contract/nearest-name';

/** What the user may choose for `npm start`, all by environment. */
export interface StandaloneConfig {
  /** Everything the demo writes lies below this folder. */
  readonly dataDir: string;
  readonly port: number;
  /** Set or reset at this start; otherwise generated at the first and told once. */
  readonly adminPassword: string | undefined;
  /** Scene the simulated street plays. */
  readonly scene: string;
  /** Folder of portraits to play instead of the sample people. */
  readonly picturesDir: string | undefined;
  /** Hours of the simulated entrance: by default it is closed around the clock, so a face there is an alarm. */
  readonly placesFile: string;
  /** Given when the database or the broker is somebody else's; then the embedded one is not started. */
  readonly databaseUrl: string | undefined;
  readonly mqttUrl: string | undefined;
  readonly mqttProtocol: 4 | 5;
  readonly mqttUsername: string | undefined;
  readonly mqttPassword: string | undefined;
  /** Where the models are kept. */
  readonly modelsDir: string;
  /** Whether ffmpeg may be fetched or installed when it is missing. */
  readonly allowInstall: boolean;
}

/** A setting that cannot be used; the message says which and what would be right. */
export class StandaloneConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
}

/** Every variable of its own that `npm start` reads. */
export const STANDALONE_SETTINGS = [
  'DIPPER_DATA',
  'DIPPER_PORT',
  'DIPPER_ADMIN_PASSWORD',
  'DIPPER_SCENE',
  'DIPPER_PICTURES',
  'DIPPER_PLACES',
  'DIPPER_NO_INSTALL',
  'DIPPER_MODELS_DIR',
];

/**
 * Reads the environment of `npm start`.
 * @throws StandaloneConfigError on an unknown DIPPER_ variable or a value out of range
 */
export function readStandaloneConfig(env: NodeJS.ProcessEnv, cwd: string): StandaloneConfig {
  const unknown = Object.keys(env).filter((key) => key.startsWith('DIPPER_') && !STANDALONE_SETTINGS.includes(key));
  if (unknown[0] !== undefined) {
    throw new StandaloneConfigError(`${unknown[0]} is not a setting; ${suggestName(unknown[0], STANDALONE_SETTINGS)}`);
  }
  const path = (value: string): string => (isAbsolute(value) ? value : resolve(cwd, value));
  const pictures = optional(env['DIPPER_PICTURES']);
  const dataDir = path(optional(env['DIPPER_DATA']) ?? 'data');
  return {
    dataDir,
    port: portFrom(optional(env['DIPPER_PORT']) ?? '8080'),
    adminPassword: adminPasswordFrom(optional(env['DIPPER_ADMIN_PASSWORD'])),
    scene: optional(env['DIPPER_SCENE']) ?? 'people',
    picturesDir: pictures === undefined ? undefined : path(pictures),
    placesFile: path(optional(env['DIPPER_PLACES']) ?? 'config/places.yaml'),
    databaseUrl: optional(env['HUB_DATABASE_URL']),
    mqttUrl: optional(env['HUB_MQTT_URL']),
    mqttProtocol: protocolFrom(optional(env['HUB_MQTT_PROTOCOL'])),
    mqttUsername: optional(env['HUB_MQTT_USERNAME']),
    mqttPassword: optional(env['HUB_MQTT_PASSWORD']),
    modelsDir: path(optional(env['DIPPER_MODELS_DIR']) ?? join(dataDir, 'models')),
    allowInstall: optional(env['DIPPER_NO_INSTALL']) === undefined,
  };
}

function optional(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

function portFrom(value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port < 1 || port > 65_535) {
    throw new StandaloneConfigError(`DIPPER_PORT must be a number from 1 to 65535, not '${value}'`);
  }
  return port;
}

function adminPasswordFrom(value: string | undefined): string | undefined {
  if (value !== undefined && value.length < 8) {
    throw new StandaloneConfigError('DIPPER_ADMIN_PASSWORD must have at least 8 characters');
  }
  return value;
}

function protocolFrom(value: string | undefined): 4 | 5 {
  if (value === undefined || value === '4') return 4;
  if (value === '5') return 5;
  throw new StandaloneConfigError(`HUB_MQTT_PROTOCOL must be 4 (MQTT 3.1.1) or 5, not '${value}'`);
}
