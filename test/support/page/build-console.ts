import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/**
 * Builds the page of the present sources, in a process of its own: Vite takes NODE_ENV from its surroundings, and a test
 * runner's would build the libraries for development.
 *
 * @param outDir where to; made if need be
 */
export async function buildConsole(outDir: string): Promise<void> {
  const args = [
    `${root}/node_modules/vite/bin/vite.js`,
    'build',
    '--outDir',
    outDir,
    '--emptyOutDir',
    '--logLevel',
    'error',
  ];
  await run(process.execPath, args, {
    cwd: `${root}/services/console`,
    env: { ...process.env, NODE_ENV: 'production' },
  });
}
