import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { startDebianPostgres } from '../support/debian-postgres.ts';
import { startEmbeddedBroker } from '../support/embedded-broker.ts';
import { startEmbeddedDatabase } from '../support/embedded-database.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { withClient } from '../support/with-client.ts';

const HUB = fileURLToPath(new URL('../../services/hub/main.ts', import.meta.url));

export interface Login {
  readonly username?: string;
  readonly password?: string;
}

/** The servers that a benchmark stands on. */
export interface BenchGround extends AsyncDisposable {
  readonly database: { readonly url: string; readonly kind: 'given' | 'embedded' | 'debian'; readonly version: string };
  readonly broker: { readonly url: string; readonly kind: 'given' | 'mosquitto' | 'aedes' };
  loginOf(agent: string): Login;
  /** Starts a hub as `npm run hub` does; it is stopped with the ground. */
  startHub(env?: Readonly<Record<string, string>>): Promise<RunningBenchHub>;
  /** A connection of its own; closed with the ground. */
  connect(): Promise<pg.Client>;
}

export interface RunningBenchHub {
  readonly url: string;
  readonly adminPassword: string;
  /** File with the public half of its signing key. */
  readonly keyFile: string;
  readonly part: ChildPart;
}

export interface GroundOptions {
  /** `embedded` (default) or `debian`: PostgreSQL with the test-only shim. HUB_DATABASE_URL goes before both. */
  readonly database: string | undefined;
  readonly agents: readonly string[];
}

/** Starts what HUB_DATABASE_URL and HUB_MQTT_URL do not name: in a database of its own, and on Mosquitto if there is one. */
export async function startGround({ database: wanted = 'embedded', agents }: GroundOptions): Promise<BenchGround> {
  await using parts = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'dipper-bench-'));
  parts.defer(() => rmSync(dir, { recursive: true, force: true }));
  const database = await startDatabase(wanted, parts);
  const broker = await startBroker(agents, parts);
  const version = await withClient(database.url, async (client) => {
    const { rows } = await client.query<{ version: string; timescale: string | null }>(
      `select current_setting('server_version') as version,
              (select default_version from pg_available_extensions where name = 'timescaledb') as timescale`,
    );
    return `PostgreSQL ${rows[0]?.version}, ${rows[0]?.timescale ? `TimescaleDB ${rows[0].timescale}` : 'no TimescaleDB'}`;
  });
  const owned = parts.move();
  return {
    database: { ...database, version },
    broker,
    loginOf: broker.loginOf,
    async startHub(env = {}) {
      const adminPassword = randomUUID();
      const keyFile = join(dir, 'signing-key.jwk');
      const part = await startChildPart(HUB, [], {
        HUB_DATABASE_URL: database.url,
        HUB_MQTT_URL: broker.url,
        ...(broker.hub.username === undefined ? {} : { HUB_MQTT_USERNAME: broker.hub.username }),
        ...(broker.hub.password === undefined ? {} : { HUB_MQTT_PASSWORD: broker.hub.password }),
        HUB_PORT: '0',
        HUB_SIGNING_KEY_FILE: keyFile,
        HUB_CONSOLE_DIR: join(dir, 'console'),
        HUB_ADMIN_PASSWORD: adminPassword,
        ...env,
      });
      owned.defer(() => part.stop());
      const url = part.addresses['http'] as string;
      return { url, adminPassword, keyFile: join(dir, 'signing-key.pub.jwk'), part };
    },
    async connect() {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      client.on('error', () => undefined);
      owned.defer(() => client.end());
      return client;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function startDatabase(
  wanted: string,
  parts: AsyncDisposableStack,
): Promise<{ url: string; kind: BenchGround['database']['kind'] }> {
  const given = process.env['HUB_DATABASE_URL'];
  if (given !== undefined && given !== '') {
    const url = new URL(given);
    const name = `dipper_bench_${randomUUID().slice(0, 8)}`;
    await withClient(given, (client) => client.query(`create database ${name}`));
    parts.defer(async () => {
      await withClient(given, (client) => client.query(`drop database ${name} with (force)`));
    });
    url.pathname = `/${name}`;
    return { url: url.href, kind: 'given' };
  }
  if (wanted !== 'embedded' && wanted !== 'debian') {
    throw new Error(`--database is 'embedded' or 'debian', not '${wanted}'`);
  }
  const started = wanted === 'debian' ? await startDebianPostgres() : await startEmbeddedDatabase();
  parts.defer(() => started.stop());
  return { url: started.url, kind: wanted };
}

async function startBroker(
  agents: readonly string[],
  parts: AsyncDisposableStack,
): Promise<BenchGround['broker'] & { hub: Login; loginOf(agent: string): Login }> {
  const given = process.env['HUB_MQTT_URL'];
  if (given !== undefined && given !== '') {
    const { HUB_MQTT_USERNAME: username, HUB_MQTT_PASSWORD: password } = process.env;
    const login = { ...(username && { username }), ...(password && { password }) };
    return { url: given, kind: 'given', hub: login, loginOf: () => login };
  }
  if (
    (process.env['PATH'] ?? '')
      .split(delimiter)
      .concat('/usr/sbin')
      .some((dir) => existsSync(join(dir, 'mosquitto')))
  ) {
    const broker = await startMosquitto();
    parts.defer(() => broker.stop());
    return { url: broker.url, kind: 'mosquitto', hub: {}, loginOf: () => ({}) };
  }
  const broker = await startEmbeddedBroker({ agents: agents.map((agent) => `lanting/${agent}`) });
  parts.defer(() => broker.stop());
  return { url: broker.url, kind: 'aedes', hub: broker.hub, loginOf: (agent) => broker.agent(agent) };
}
