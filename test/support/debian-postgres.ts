import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../services/standalone/free-port.ts';
import { eventually } from './eventually.ts';
import { rowsOf, withClient } from './with-client.ts';

const VERSIONS_DIR = '/usr/lib/postgresql';
const SHIM = fileURLToPath(new URL('timescale-shim.sql', import.meta.url));

export interface DebianPostgres {
  readonly url: string;
  /** SIGQUIT: ends at once, like a crash. */
  crash(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface DebianPostgresOptions {
  /** Folder in which its cluster is made, e.g. a small disk; that of temporary files when absent. */
  readonly parent?: string;
  /** Files of a certificate and its key: connections may be encrypted. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
}

/**
 * Starts Debian's PostgreSQL on an empty cluster with the shim that stands for TimescaleDB: many real sessions at once,
 * which the embedded database does not have. Root becomes the user `postgres`, as PostgreSQL demands.
 */
export async function startDebianPostgres({
  tls,
  parent = tmpdir(),
}: DebianPostgresOptions = {}): Promise<DebianPostgres> {
  const bin = join(VERSIONS_DIR, newestVersion(), 'bin');
  const user = process.getuid?.() === 0 ? postgresUser() : {};
  const dir = mkdtempSync(join(parent, 'dipper-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(dir, user.uid, user.gid);
  const data = join(dir, 'data');
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '--auth=trust', '-U', 'dipper', '-E', 'UTF8', '--locale=C.UTF-8', '--wal-segsize=1'],
    user,
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const encryption = tls === undefined ? [] : ['ssl=on', ...tlsSettings(tls, dir, user)];
  const port = await findFreePort();
  const url = `postgres://dipper@127.0.0.1:${port}/postgres`;

  let child: ChildProcess;
  const start = async (): Promise<void> => {
    const settings = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${dir}`, ...encryption];
    child = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...user,
      stdio: 'ignore',
    });
    await eventually('PostgreSQL answers', () => rowsOf(url, 'select 1'));
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  await start();
  await withClient(url, (client) => client.query(readFileSync(SHIM, 'utf8')));
  return {
    url,
    crash: () => end('SIGQUIT'),
    async restart() {
      await end('SIGQUIT');
      await start();
    },
    async stop() {
      await end('SIGINT');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL takes a key only from its own user, and only if nobody else can read it (its manual, §18.9). */
function tlsSettings(
  { certificateFile, keyFile }: NonNullable<DebianPostgresOptions['tls']>,
  dir: string,
  { uid, gid }: { readonly uid?: number; readonly gid?: number },
): string[] {
  return [
    ['ssl_cert_file', certificateFile],
    ['ssl_key_file', keyFile],
  ].map(([setting = '', source = '']) => {
    const own = join(dir, setting);
    copyFileSync(source, own);
    chmodSync(own, 0o600);
    if (uid !== undefined && gid !== undefined) chownSync(own, uid, gid);
    return `${setting}=${own}`;
  });
}

function newestVersion(): string {
  const versions = readdirSync(VERSIONS_DIR).sort((a, b) => Number(b) - Number(a));
  const [newest] = versions;
  if (newest === undefined) throw new Error(`no PostgreSQL in ${VERSIONS_DIR}`);
  return newest;
}

function postgresUser(): { uid?: number; gid?: number } {
  const [, , uid, gid] = /^postgres:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}
