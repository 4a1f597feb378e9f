import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readStandaloneConfig } from './config.ts';
import { type Part, startPart } from './part.ts';
import { stopSignal } from './stop-signal.ts';
import { addressOf } from './stores.ts';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * Runs a tool of the hub on the database that HUB_DATABASE_URL names, or on the embedded one in DIPPER_DATA, which is
 * started for it and must not be in use (stop `npm start` first). Arguments of the process are the tool's.
 *
 * @param entry of the tool, from the root of the repository
 * @returns its exit code
 */
export async function runDatabaseTool(entry: string): Promise<number> {
  const stop = stopSignal();
  const env = { ...process.env };
  if (env['HUB_DATABASE_URL'] || env['HUB_DATABASE_URL_FILE']) return runTool(entry, env, stop);
  const { dataDir } = readStandaloneConfig(env, process.cwd());
  const database = await startDatabase(dataDir, stop);
  try {
    const hubEnv = {
      HUB_DATABASE_URL: addressOf(database, 'postgres'),
      HUB_MEDIA_DIR: join(dataDir, 'hub', 'media'),
      HUB_WITHDRAWALS_FILE: join(dataDir, 'secrets', 'withdrawals.txt'),
    };
    return await runTool(entry, { ...env, ...hubEnv }, stop);
  } finally {
    await database.stop();
  }
}

function startDatabase(dataDir: string, signal: AbortSignal): Promise<Part> {
  process.stdout.write(`the embedded database in ${dataDir}\n`);
  return startPart({
    name: 'database',
    entry: root('services/standalone/database/main.ts'),
    args: ['--data', join(dataDir, 'database'), '--idle-in-transaction-ms', String(10 * 60_000)],
    env: {},
    logFile: join(dataDir, 'logs', 'database.log'),
    onProgress: () => undefined,
    signal,
  });
}

/** Signals of the terminal reach the tool by themselves: it is in our group. */
function runTool(entry: string, env: NodeJS.ProcessEnv, stop: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const tool = spawn(process.execPath, [root(entry), ...process.argv.slice(2)], { env, stdio: 'inherit' });
    stop.addEventListener('abort', () => tool.kill('SIGTERM'), { once: true });
    tool.once('error', reject);
    tool.once('exit', (code) => resolve(code ?? 1));
  });
}
