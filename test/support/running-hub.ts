import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Role } from '@dipper/contract/api/session';
import { readHubConfig } from '@dipper/hub/config';
import { type RunningHub, startHub } from '@dipper/hub/hub';
import type { JWK } from 'jose';
import { type Logger, pino } from 'pino';
import { type ApiClient, signIn } from './api-client.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from './embedded-broker.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from './embedded-database.ts';
import { rowsOf } from './with-client.ts';

export const ADMIN_PASSWORD = 'admin-of-a-test';
export const STAFF_PASSWORD = 'staff-of-a-test';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a hub stands on, with a folder for its own files. */
export interface HubGround {
  readonly database: EmbeddedDatabase;
  readonly broker: EmbeddedBroker;
  readonly dir: string;
  /** Environment of a hub on this ground; it takes a free port. */
  readonly env: Readonly<Record<string, string>>;
  /** The hub's public key, as edges pin it; there once a hub has started. */
  hubKey(): JWK;
  /** What a query over a connection of its own finds. */
  rows(sql: string): Promise<unknown[]>;
  /** Every row of every table of ours, as text. */
  dump(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts the real embedded database and broker. */
export async function startHubGround(): Promise<HubGround> {
  const [database, broker] = await Promise.all([startEmbeddedDatabase(), startEmbeddedBroker()]);
  const dir = mkdtempSync(join(tmpdir(), 'dipper-hub-'));
  const rows = (sql: string): Promise<unknown[]> => rowsOf(database.url, sql);
  return {
    database,
    broker,
    dir,
    rows,
    async dump() {
      const tables = await rows(`select format('%I.%I', schemaname, tablename) as name
                                   from pg_tables where schemaname = 'dipper'`);
      const texts: string[] = [];
      for (const { name } of tables as { name: string }[]) {
        texts.push(JSON.stringify(await rows(`select t::text as row from ${name} t`)));
      }
      return texts.join('\n');
    },
    env: {
      HUB_DATABASE_URL: database.url,
      HUB_MQTT_URL: broker.url,
      HUB_MQTT_USERNAME: broker.hub.username,
      HUB_MQTT_PASSWORD: broker.hub.password,
      HUB_BROKER_PASSWORDS_FILE: broker.passwordsFile,
      HUB_PORT: '0',
      HUB_SIGNING_KEY_FILE: join(dir, 'signing-key.jwk'),
      HUB_PLACES_FILE: join(root, 'config/places.yaml'),
      HUB_RULES_FILE: join(root, 'config/rules.yaml'),
      HUB_MEDIA_DIR: join(dir, 'media'),
      HUB_CONSOLE_DIR: join(dir, 'console'),
      HUB_ADMIN_PASSWORD: ADMIN_PASSWORD,
    },
    hubKey() {
      const file = readdirSync(dir).find((name) => name.endsWith('.pub.jwk')) ?? 'no public key yet';
      return JSON.parse(readFileSync(join(dir, file), 'utf8')) as JWK;
    },
    async stop() {
      await Promise.all([database.stop(), broker.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Starts a hub in this process, composed as its own main does it. */
export function startHubHere(
  ground: HubGround,
  env: Readonly<Record<string, string>> = {},
  logger: Logger = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }),
): Promise<RunningHub> {
  const never = new AbortController().signal;
  return startHub(readHubConfig({ ...ground.env, ...env }), logger, () => undefined, never);
}

/** Creates an account with one role, named after it, unless it is there, and signs it in. */
export async function signInAs(url: string, admin: ApiClient, role: Role): Promise<ApiClient> {
  const name = role === 'admin' ? 'second-admin' : role;
  const account = { name, displayName: role, password: STAFF_PASSWORD, roles: [role] };
  await admin.send('POST', '/api/v1/accounts', account);
  return signIn(url, name, STAFF_PASSWORD);
}
