/**
 * `npm run backup -- --to FILE`, `npm run restore -- --from FILE` and `npm run audit:verify`: of the database that
 * HUB_DATABASE_URL names, or of
 * the embedded one in DIPPER_DATA, which is started for it and must not be in use (stop `npm start` first).
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readStandaloneConfig } from './config.ts';
import { type Part, startPart } from './part.ts';
import { stopSignal } from './stop-signal.ts';
import { addressOf } from './stores.ts';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const stop = stopSignal();

async function main(): Promise<number> {
  const env = { ...process.env };
  if (env['HUB_DATABASE_URL'] || env['HUB_DATABASE_URL_FILE']) return runTool(env);
  const { dataDir } = readStandaloneConfig(env, process.cwd());
  const database = await startDatabase(dataDir);
  try {
    const signingKeyFile = env['HUB_SIGNING_KEY_FILE'] || join(dataDir, 'secrets', 'hub-signing-key.jwk');
    return await runTool({
      ...env,
      HUB_DATABASE_URL: addressOf(database, 'postgres'),
      HUB_SIGNING_KEY_FILE: signingKeyFile,
    });
  } finally {
    await database.stop();
  }
}

function startDatabase(dataDir: string): Promise<Part> {
  process.stdout.write(`the embedded database in ${dataDir}\n`);
  return startPart({
    name: 'database',
    entry: root('services/standalone/database/main.ts'),
    args: ['--data', join(dataDir, 'database'), '--idle-in-transaction-ms', String(10 * 60_000)],
    env: {},
    logFile: join(dataDir, 'logs', 'database.log'),
    onProgress: () => undefined,
    signal: stop,
  });
}

/** Signals of the terminal reach the tool by themselves: it is in our group. */
function runTool(env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const [name, ...args] = process.argv.slice(2);
    const command =
      name === 'audit-verify'
        ? [root('services/hub/domains/audit/main.ts')]
        : [root('services/hub/backup/main.ts'), name ?? ''];
    const tool = spawn(process.execPath, [...command, ...args], {
      env,
      stdio: 'inherit',
    });
    stop.addEventListener('abort', () => tool.kill('SIGTERM'), { once: true });
    tool.once('error', reject);
    tool.once('exit', (code) => resolve(code ?? 1));
  });
}

main().then(
  (code) => process.exit(code),
  (error: Error & { code?: string }) => {
    process.stderr.write(`${error.code ?? 'BACKUP_FAILED'}: ${error.message}\n`);
    process.exit(1);
  },
);
