/**
 * Import of places, devices, staff and roster into the database given by HUB_DATABASE_URL (or HUB_DATABASE_URL_FILE):
 *
 *   node services/hub/import/main.ts FILE… [--dry-run] [--keep | --remove]
 *
 * Exit codes: 0 done, or nothing to do; 1 not done (the last line says why); 2 called wrongly; 3 something would be
 * removed, and nobody has said whether it shall.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import type { ImportReport, ImportRequest } from '@dipper/contract/api/import';
import { pino } from 'pino';
import { openDatabasePool } from '../database/pool.ts';
import { createImportService } from '../domains/import/import.service.ts';
import { textOf } from './report-text.ts';

const USAGE = 'usage: npm run import -- FILE… [--dry-run] [--keep | --remove]';
/** Stands in the record for whoever may use the database itself. */
const BY = 'command';
const UNDEFINED_TABLE = '42P01';
const EXIT_CODES: Readonly<Record<ImportReport['outcome'], number>> = {
  ...{ imported: 0, nothing: 0, 'dry-run': 0 },
  ...{ refused: 1, undecided: 3 },
};

class UsageError extends Error {}

async function main(): Promise<number> {
  const request = requestFrom(process.argv.slice(2));
  const pool = openDatabasePool(databaseUrl(process.env), pino({ level: 'silent' }));
  try {
    const report = await createImportService({ db: pool.db, now: Date.now }).run(request, BY);
    process.stdout.write(`${textOf(report)}\n`);
    return EXIT_CODES[report.outcome];
  } catch (error) {
    if ((error as { code?: string }).code !== UNDEFINED_TABLE) throw error;
    throw new Error('the database is not this version’s: start the hub once, then import');
  } finally {
    await pool.close();
  }
}

function requestFrom(args: readonly string[]): ImportRequest {
  const { positionals, values } = parsed(args);
  if (positionals.length === 0 || (values.keep === true && values.remove === true)) throw new UsageError(USAGE);
  return {
    files: positionals.map((path) => ({ name: basename(path), contentBase64: readFileSync(path).toString('base64') })),
    dryRun: values['dry-run'] === true,
    missing: values.remove === true ? 'remove' : values.keep === true ? 'keep' : 'ask',
  };
}

function parsed(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  try {
    const options = { 'dry-run': flag, keep: flag, remove: flag };
    return parseArgs({ args: [...args], allowPositionals: true, options });
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

main().then(
  (code) => process.exit(code),
  (error: Error & { code?: string }) => {
    process.stderr.write(
      error instanceof UsageError ? `${error.message}\n` : `${error.code ?? 'IMPORT_FAILED'}: ${error.message}\n`,
    );
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
