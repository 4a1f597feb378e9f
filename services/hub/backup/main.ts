/**
 * Backup and restore of the hub's database, given by HUB_DATABASE_URL (or HUB_DATABASE_URL_FILE), and of the pictures in
 * HUB_MEDIA_DIR:
 *
 *   node services/hub/backup/main.ts backup --to FILE [--allow-missing-pictures]
 *   node services/hub/backup/main.ts restore --from FILE [--withdrawals FILE]
 *
 * Exit codes: 0 done, 1 not done (the last line says why), 2 called wrongly.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { readMigrations } from '../database/migrate.ts';
import { readWithdrawals } from '../domains/consent/withdrawal-journal.ts';
import { restoreBackup } from './restore-backup.ts';
import { writeBackup } from './write-backup.ts';

/** Where a hub keeps them that was told nothing else; see config.ts. */
const DEFAULT_MEDIA_DIR = fileURLToPath(new URL('../../../data/hub/media', import.meta.url));
const DEFAULT_SIGNING_KEY_FILE = fileURLToPath(new URL('../../../data/hub/signing-key.jwk', import.meta.url));
const PROGRESS_EVERY_MS = 1_000;
const USAGE =
  'usage: npm run backup -- --to FILE [--allow-missing-pictures]\n       npm run restore -- --from FILE [--withdrawals FILE]';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

class UsageError extends Error {}

async function main(): Promise<void> {
  const run = chosenRun(process.argv.slice(2));
  const client = new pg.Client({ connectionString: databaseUrl(process.env), application_name: 'dipper-backup' });
  await client.connect();
  stop.signal.addEventListener('abort', () => void client.end());
  let toldAt = 0;
  const onProgress = (message: string): void => {
    if (Date.now() - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = Date.now();
    say(message);
  };
  try {
    await run(client, onProgress);
  } finally {
    await client.end();
  }
}

type Run = (client: pg.Client, onProgress: (message: string) => void) => Promise<void>;

function chosenRun(args: readonly string[]): Run {
  const { positionals, values } = parsed(args);
  const [command] = positionals;
  const { to, from, withdrawals } = values;
  const mediaDir = process.env['HUB_MEDIA_DIR'] || DEFAULT_MEDIA_DIR;
  const allowMissing = values['allow-missing-pictures'] === true;
  if (command === 'backup' && to !== undefined && from === undefined && withdrawals === undefined) {
    return async (client, onProgress) => {
      const folder = { mediaDir, allowMissing };
      const { tables, rows, pictures, sha256 } = await writeBackup(client, to, folder, onProgress, stop.signal);
      say(`${to}: ${rows} rows of ${tables} tables, ${pictures} pictures, sha256 ${sha256}`);
    };
  }
  if (command === 'restore' && from !== undefined && to === undefined && !allowMissing) {
    return async (client, onProgress) => {
      const file = withdrawals ?? withdrawalsFile(process.env);
      const known = await readWithdrawals(file);
      const restored = await restoreBackup(client, from, readMigrations(), mediaDir, onProgress, known);
      const { tables, rows, pictures, missingPictures, consents } = restored;
      if (missingPictures > 0) say(`${missingPictures} pictures of cases are in neither the backup nor ${mediaDir}`);
      if (consents.withdrawn > 0)
        say(`${consents.withdrawn} consents to face recognition were taken back since, by ${file}`);
      if (consents.ended > 0) {
        say(
          `${file} is not there: whether ${consents.ended} consents to face recognition were taken back since is not known. They have ended; residents have to be asked again (README)`,
        );
      }
      say(
        `restored ${rows} rows of ${tables} tables and ${pictures} pictures; start the hub, then let the edges send again (README)`,
      );
    };
  }
  throw new UsageError(USAGE);
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ to: { type: 'string' }, from: { type: 'string' }, withdrawals: { type: 'string' } },
        'allow-missing-pictures': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}

function databaseUrl(env: NodeJS.ProcessEnv): string {
  const file = env['HUB_DATABASE_URL_FILE'];
  const url = env['HUB_DATABASE_URL'] || (file ? readFileSync(file, 'utf8').trim() : '');
  if (url === '') throw new UsageError('HUB_DATABASE_URL must name the database');
  return url;
}

/** Beside the signing key where nothing else is said, as the hub has it. */
function withdrawalsFile(env: NodeJS.ProcessEnv): string {
  const signingKeyFile = env['HUB_SIGNING_KEY_FILE'] || DEFAULT_SIGNING_KEY_FILE;
  return env['HUB_WITHDRAWALS_FILE'] || join(dirname(signingKeyFile), 'withdrawals.txt');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().then(
  () => process.exit(0),
  (error: Error & { code?: string }) => {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(2);
    }
    process.stderr.write(
      `${stop.signal.aborted ? 'given up' : `${error.code ?? 'BACKUP_FAILED'}: ${error.message}`}\n`,
    );
    process.exit(1);
  },
);
