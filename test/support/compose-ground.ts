import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { findFreePort } from '../../services/standalone/free-port.ts';
import { type DebianPostgres, startDebianPostgres } from './debian-postgres.ts';
import { eventually } from './eventually.ts';
import { isListening } from './mosquitto.ts';
import { withClient } from './with-client.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface ComposeFile {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly environment?: Readonly<Record<string, string>>;
        readonly command?: string;
        readonly secrets?: readonly string[];
        readonly volumes?: readonly string[];
        readonly entrypoint?: readonly string[];
        readonly healthcheck?: { readonly test: readonly string[] };
      }
    >
  >;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

export const composeFile = (): ComposeFile =>
  parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as ComposeFile;

/** What docker-compose.yml describes, without containers: its certificates, its broker configuration, its environment. */
export interface ComposeGround {
  readonly dir: string;
  /** Of the service `hub`, with this machine's addresses and paths; it takes a free port. */
  readonly hubEnv: Readonly<Record<string, string>>;
  /** config/deploy/edge.yaml with this machine's addresses and paths. */
  readonly edgeConfig: string;
  readonly brokerPort: number;
  readonly database: DebianPostgres;
  secret(name: string): string;
  /** Starts the broker anew with its configuration changed. */
  restartBroker(change?: (conf: string) => string): Promise<void>;
  stop(): Promise<void>;
}

/** Needs Debian's mosquitto, openssl and PostgreSQL. */
export async function startComposeGround(): Promise<ComposeGround> {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-compose-'));
  const secrets = join(dir, 'secrets');
  execFileSync('sh', [join(root, 'config/deploy/make-secrets.sh'), secrets], { stdio: 'ignore' });
  const secret = (name: string): string => readFileSync(join(secrets, name), 'utf8').trim();
  const database = await startDebianPostgres({
    tls: { certificateFile: join(secrets, 'tls/database.crt'), keyFile: join(secrets, 'tls/database.key') },
  });
  const databasePort = new URL(database.url).port;
  const brokerPort = await findFreePort();
  let broker: ChildProcess | undefined;

  const endBroker = async (): Promise<void> => {
    if (broker === undefined || broker.exitCode !== null || broker.signalCode !== null) return;
    const ended = new Promise((resolve) => broker?.once('exit', resolve));
    process.kill(-(broker.pid ?? 0), 'SIGKILL');
    await ended;
  };
  const restartBroker = async (change: (conf: string) => string = (conf) => conf): Promise<void> => {
    await endBroker();
    const own = join(dir, 'mosquitto');
    cpSync(join(root, 'config/mosquitto'), own, { recursive: true });
    cpSync(join(secrets, 'tls'), join(own, 'tls'), { recursive: true });
    const conf = readFileSync(join(own, 'mosquitto.conf'), 'utf8')
      .replace(/^listener 8883$/m, `listener ${brokerPort} 127.0.0.1`)
      .replaceAll('/mosquitto/config', own)
      .replaceAll('/mosquitto/passwords', join(secrets, 'broker'))
      .replaceAll('/mosquitto/data', dir);
    // As root it would give up its rights, and with them the way to this folder.
    writeFileSync(join(own, 'mosquitto.conf'), change(`${conf}\nuser root\n`));
    // As the service's command says; a process group, so that the broker ends with its script.
    const command = [join(own, 'run.sh'), join(own, 'mosquitto.conf'), join(secrets, 'broker/passwords')];
    broker = spawn('sh', command, { stdio: 'ignore', detached: true });
    await eventually('the broker to listen', () => isListening(brokerPort));
  };
  await restartBroker();

  // The image makes user and database from its environment; here they are made as it would.
  await withClient(database.url, async (client) => {
    await client.query(`alter role dipper password '${secret('database-password')}'`);
    await client.query('create database dipper');
  });
  const { services, secrets: files } = composeFile();
  const onThisMachine = (text: string): string =>
    text
      .replaceAll('@database:5432', `@localhost:${databasePort}`)
      .replaceAll('broker:8883', `localhost:${brokerPort}`)
      .replace(/\/run\/secrets\/([a-z-]+)/g, (_, name: string) =>
        join(dir, files[name]?.file.replace('./', '') ?? 'unknown'),
      )
      .replaceAll('/srv/keys', join(dir, 'keys'))
      .replaceAll('/srv/broker', join(secrets, 'broker'))
      .replaceAll('/srv/data', join(dir, 'data'));
  writeFileSync(join(secrets, 'database-url'), onThisMachine(secret('database-url')), { mode: 0o600 });
  const shim = readFileSync(join(root, 'test/support/timescale-shim.sql'), 'utf8');
  await withClient(secret('database-url'), (client) => client.query(shim));
  const edgeConfig = join(dir, 'edge.yaml');
  writeFileSync(edgeConfig, onThisMachine(readFileSync(join(root, 'config/deploy/edge.yaml'), 'utf8')));
  const environment = Object.entries(services['hub']?.environment ?? {});
  return {
    dir,
    database,
    brokerPort,
    edgeConfig,
    secret,
    hubEnv: {
      ...Object.fromEntries(environment.map(([name, value]) => [name, onThisMachine(value)])),
      ...{ HUB_HOST: '127.0.0.1', HUB_PORT: '0', HUB_PUBLIC_URL: '', HUB_TRUSTED_PROXIES: '', HUB_UPLINK_URL: '' },
    },
    restartBroker,
    async stop() {
      await endBroker();
      await database.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
