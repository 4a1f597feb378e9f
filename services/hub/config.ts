import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suggestName } from '@dipper/contract/nearest-name';
import { createValidator } from '@dipper/contract/validation';
import { type Static, type TObject, Type } from 'typebox';
import { ConfigInvalidError } from './config-error.ts';
import { DEFAULT_TRUSTED_PROXIES, readNetworks, readTrustedProxies } from './trusted-proxies.ts';

const repository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What the hub reads from its environment; everything else that begins with HUB_ is an error. */
const HubEnvironment = Type.Object({
  /** PostgreSQL with TimescaleDB. */
  HUB_DATABASE_URL: Type.String({ pattern: '^postgres(ql)?://' }),
  /** Without user and password: those have variables of their own, which are never shown. */
  HUB_MQTT_URL: Type.String({ pattern: '^(mqtts?|wss?)://[^@\\s]+$' }),
  /** 4 is MQTT 3.1.1, the only one the embedded broker speaks. */
  HUB_MQTT_PROTOCOL: Type.Optional(Type.Enum(['4', '5'])),
  HUB_MQTT_USERNAME: Type.Optional(Type.String({ minLength: 1 })),
  HUB_MQTT_PASSWORD: Type.Optional(Type.String({ minLength: 1 })),
  /** Certificate of the authority that vouches for the broker, PEM; without it those that Node knows. */
  HUB_MQTT_CA_FILE: Type.Optional(Type.String({ minLength: 1 })),
  /**
   * Password file of Mosquitto, or of the embedded broker, in which the hub keeps the logins of agents that enrolled; the
   * broker has to read it again when it changes. Without it agents cannot enrol.
   */
  HUB_BROKER_PASSWORDS_FILE: Type.Optional(Type.String({ minLength: 1 })),
  /** Credential keys of agents that were brought in by hand, `estate/agent:key` a line; enrolled ones have theirs from the hub. */
  HUB_CREDENTIAL_KEYS_FILE: Type.Optional(Type.String({ minLength: 1 })),
  /** Where agents reach the broker, if they reach it elsewhere than the hub. */
  HUB_AGENT_MQTT_URL: Type.Optional(Type.String({ pattern: '^(mqtts?|wss?)://[^@\\s]+$', maxLength: 512 })),
  /** Stable over restarts, so that the broker keeps what comes meanwhile; one per copy of the hub. */
  HUB_CLIENT_ID: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })),
  /** Name of the group in which several copies share the ingest; only where the broker has shared subscriptions. */
  HUB_SHARED_GROUP: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })),
  HUB_HOST: Type.Optional(Type.String({ minLength: 1 })),
  HUB_PORT: Type.Optional(Type.String({ pattern: '^[0-9]{1,5}$' })),
  /** Origin that browsers see, where a proxy stands in front. */
  HUB_PUBLIC_URL: Type.Optional(Type.String({ pattern: '^https?://[^/]+$' })),
  /**
   * Addresses and networks of the proxies in front, separated by commas; `loopback` when absent. Only they are believed
   * about whose request they pass on, so without the right ones all who come through a proxy count as one address.
   */
  HUB_TRUSTED_PROXIES: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
  /** Origin at which edges reach this very copy for live pictures, e.g. `wss://hub-2.example.cn`. */
  HUB_UPLINK_URL: Type.Optional(Type.String({ pattern: '^wss?://[^/\\s]+$', maxLength: 256 })),
  HUB_SIGNING_KEY_FILE: Type.Optional(Type.String({ minLength: 1 })),
  /** Seals what the hub keeps and must read again, e.g. secrets of webhooks; made when absent, beside the signing key. */
  HUB_SECRETS_KEY_FILE: Type.Optional(Type.String({ minLength: 1 })),
  /** Addresses and networks inside, separated by commas, that webhooks may reach all the same; there plain http as well. */
  HUB_WEBHOOK_ALLOWED_NETWORKS: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
  /** Where the audit trail ended and when, signed; best on another disk than the database. Beside the signing key when absent. */
  HUB_AUDIT_HEADS_FILE: Type.Optional(Type.String({ minLength: 1 })),
  /** Which consents were taken back: what a restore is held to. On another disk than the database; beside the signing key when absent. */
  HUB_WITHDRAWALS_FILE: Type.Optional(Type.String({ minLength: 1 })),
  HUB_RULES_FILE: Type.Optional(Type.String({ minLength: 1 })),
  HUB_PLACES_FILE: Type.Optional(Type.String({ minLength: 1 })),
  /** How long each class of data is kept, and why. */
  HUB_RETENTION_FILE: Type.Optional(Type.String({ minLength: 1 })),
  /** What cases are about, and how soon they have to be dealt with. */
  HUB_CATEGORIES_FILE: Type.Optional(Type.String({ minLength: 1 })),
  /** Days off and days worked instead, for deadlines in working days. */
  HUB_CALENDAR_FILE: Type.Optional(Type.String({ minLength: 1 })),
  /** Folder of the pictures of cases. */
  HUB_MEDIA_DIR: Type.Optional(Type.String({ minLength: 1 })),
  /** `true`: administrators may do nothing before they have set up one-time codes. */
  HUB_REQUIRE_TOTP: Type.Optional(Type.Enum(['true', 'false'])),
  HUB_CONSOLE_DIR: Type.Optional(Type.String({ minLength: 1 })),
  /** Sets the password of the account `admin` at this start. */
  HUB_ADMIN_PASSWORD: Type.Optional(Type.String({ minLength: 8, maxLength: 256 })),
});
type HubEnvironment = Static<typeof HubEnvironment>;

/** These may come from a file instead, named by the variable with `_FILE` behind it. */
const SECRETS = ['HUB_DATABASE_URL', 'HUB_MQTT_PASSWORD', 'HUB_ADMIN_PASSWORD'] as const;

const validator = createValidator(HubEnvironment);
const NAMES = Object.keys((HubEnvironment as TObject).properties);

export interface MqttConfig {
  readonly url: string;
  readonly protocol: 4 | 5;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** PEM of the authority that vouches for the broker; those that Node knows when absent. */
  readonly ca?: string | undefined;
  readonly clientId: string;
  /** Whether the broker shall keep what comes while this copy of the hub is away: it will be back under this name. */
  readonly isClientIdStable: boolean;
  readonly sharedGroup: string | undefined;
}

export interface HubConfig {
  readonly databaseUrl: string;
  readonly mqtt: MqttConfig;
  /** Undefined: agents cannot enrol. */
  readonly brokerPasswordsFile: string | undefined;
  /** With keys under which agents that did not enrol know credentials. */
  readonly credentialKeysFile: string | undefined;
  /** What an agent that enrols is told about the broker. */
  readonly agentMqttUrl: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Undefined: what the server listens on. */
  readonly publicUrl: string | undefined;
  /** Who may say on whose behalf a request comes: addresses, networks, or `loopback`. */
  readonly trustedProxies: readonly string[];
  /** Origin that edges dial. Undefined: that of the page. */
  readonly uplinkUrl: string | undefined;
  readonly signingKeyFile: string;
  readonly secretsKeyFile: string;
  /** Signed heads of the audit trail, a line each. */
  readonly auditHeadsFile: string;
  readonly withdrawalsFile: string;
  /** Whether administrators may do nothing before they have a second factor. */
  readonly requireTotp: boolean;
  /** Networks inside that webhooks may reach. */
  readonly webhookAllowedNetworks: readonly string[];
  readonly rulesFile: string;
  readonly placesFile: string;
  readonly retentionFile: string;
  readonly categoriesFile: string;
  readonly calendarFile: string;
  /** Folder of the pictures of cases; shared by copies of the hub. */
  readonly mediaDir: string;
  /** Folder of the built page. */
  readonly consoleDir: string;
  readonly adminPassword: string | undefined;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/**
 * Reads the environment. Empty variables count as absent.
 * @throws ConfigInvalidError naming every problem, with the nearest valid name for an unknown one
 */
export function readHubConfig(env: NodeJS.ProcessEnv): HubConfig {
  const known = [...NAMES, ...SECRETS.map((name) => `${name}_FILE`)];
  const problems = Object.keys(env)
    .filter((name) => name.startsWith('HUB_') && !known.includes(name))
    .map((name) => `${name} is not a setting: ${suggestName(name, known)}`);
  const given = givenValues(env, problems);
  problems.push(...validator.problems(given).map(({ path, message }) => describe(path, message, given)));
  const logLevel = LOG_LEVELS.find((level) => level === (env['LOG_LEVEL'] || 'info'));
  if (logLevel === undefined) problems.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`);
  if (problems.length > 0 || !validator.is(given) || logLevel === undefined) {
    throw new ConfigInvalidError('environment', problems);
  }
  return configFrom(given, logLevel);
}

function configFrom(env: HubEnvironment, logLevel: HubConfig['logLevel']): HubConfig {
  const port = Number(env.HUB_PORT ?? 8080);
  if (port > 65_535) throw new ConfigInvalidError('environment', [`HUB_PORT must be at most 65535, not ${port}`]);
  const signingKeyFile = env.HUB_SIGNING_KEY_FILE ?? repository('data/hub/signing-key.jwk');
  return {
    databaseUrl: env.HUB_DATABASE_URL,
    mqtt: {
      url: env.HUB_MQTT_URL,
      protocol: env.HUB_MQTT_PROTOCOL === '5' ? 5 : 4,
      username: env.HUB_MQTT_USERNAME,
      password: env.HUB_MQTT_PASSWORD,
      ca: certificateFrom(env.HUB_MQTT_CA_FILE),
      // A name of its own for every start: without a fixed one the broker keeps nothing for it, and need not.
      clientId: env.HUB_CLIENT_ID ?? `dipper-hub-${hostname().slice(0, 32)}-${randomBytes(4).toString('hex')}`,
      isClientIdStable: env.HUB_CLIENT_ID !== undefined,
      sharedGroup: env.HUB_SHARED_GROUP,
    },
    brokerPasswordsFile: env.HUB_BROKER_PASSWORDS_FILE,
    credentialKeysFile: env.HUB_CREDENTIAL_KEYS_FILE,
    agentMqttUrl: env.HUB_AGENT_MQTT_URL ?? env.HUB_MQTT_URL,
    host: env.HUB_HOST ?? '127.0.0.1',
    port,
    publicUrl: env.HUB_PUBLIC_URL,
    trustedProxies: trustedProxiesFrom(env.HUB_TRUSTED_PROXIES),
    uplinkUrl: env.HUB_UPLINK_URL,
    signingKeyFile,
    secretsKeyFile: env.HUB_SECRETS_KEY_FILE ?? join(dirname(signingKeyFile), 'secrets.key'),
    requireTotp: env.HUB_REQUIRE_TOTP === 'true',
    auditHeadsFile: env.HUB_AUDIT_HEADS_FILE ?? join(dirname(signingKeyFile), 'audit-heads.jws'),
    withdrawalsFile: env.HUB_WITHDRAWALS_FILE ?? join(dirname(signingKeyFile), 'withdrawals.txt'),
    webhookAllowedNetworks: networksFrom(env.HUB_WEBHOOK_ALLOWED_NETWORKS),
    rulesFile: env.HUB_RULES_FILE ?? repository('config/rules.yaml'),
    placesFile: env.HUB_PLACES_FILE ?? repository('config/places.yaml'),
    categoriesFile: env.HUB_CATEGORIES_FILE ?? repository('config/case-categories.yaml'),
    calendarFile: env.HUB_CALENDAR_FILE ?? repository('config/calendar.yaml'),
    mediaDir: env.HUB_MEDIA_DIR ?? repository('data/hub/media'),
    retentionFile: env.HUB_RETENTION_FILE ?? repository('config/retention.yaml'),
    // Served from there whatever the working directory becomes.
    consoleDir: resolve(env.HUB_CONSOLE_DIR ?? repository('services/console/dist')),
    adminPassword: env.HUB_ADMIN_PASSWORD,
    logLevel,
  };
}

function trustedProxiesFrom(text: string | undefined): readonly string[] {
  if (text === undefined) return DEFAULT_TRUSTED_PROXIES;
  try {
    return readTrustedProxies(text);
  } catch (error) {
    throw new ConfigInvalidError('environment', [`HUB_TRUSTED_PROXIES: ${(error as Error).message}`]);
  }
}

function networksFrom(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  try {
    return readNetworks(text);
  } catch (error) {
    throw new ConfigInvalidError('environment', [`HUB_WEBHOOK_ALLOWED_NETWORKS: ${(error as Error).message}`]);
  }
}

function certificateFrom(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    const pem = readFileSync(file, 'utf8');
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  } catch (cause) {
    throw new ConfigInvalidError('environment', [`HUB_MQTT_CA_FILE cannot be read: ${(cause as Error).message}`]);
  }
  throw new ConfigInvalidError('environment', ['HUB_MQTT_CA_FILE holds no certificate (PEM)']);
}

/** Values by name, those of `_FILE` variables read from their files; empty ones left out. */
function givenValues(env: NodeJS.ProcessEnv, problems: string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of NAMES) {
    const value = env[name];
    if (value !== undefined && value !== '') given[name] = value;
  }
  for (const name of SECRETS) {
    const file = env[`${name}_FILE`];
    if (file === undefined || file === '') continue;
    if (given[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set: choose one`);
    try {
      given[name] = readFileSync(file, 'utf8').trim();
    } catch (error) {
      problems.push(`${name}_FILE cannot be read: ${(error as Error).message}`);
    }
  }
  return given;
}

/** Says what is wrong with a variable, never what a secret one contains. */
function describe(path: string, message: string, given: Readonly<Record<string, string>>): string {
  const name = path.slice(1);
  if (name === '') {
    const missing = ['HUB_DATABASE_URL', 'HUB_MQTT_URL'].filter((required) => given[required] === undefined);
    return `${missing.join(' and ')} must be set`;
  }
  // An address may hold a password before its @, also one that is refused for that.
  const isSecret = SECRETS.some((secret) => secret === name) || given[name]?.includes('@') === true;
  return `${name} ${message}${isSecret ? '' : `, not '${given[name]}'`}`;
}
