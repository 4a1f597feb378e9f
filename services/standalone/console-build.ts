import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The page could not be built; `output` is what Vite said. */
export class ConsoleBuildError extends Error {
  readonly code = 'CONSOLE_BUILD_FAILED';
}

const SOURCE = /\.(ts|tsx|css|html|json|svg)$/;

/**
 * Builds the web page unless what lies there was built from these very sources.
 *
 * @param root the repository
 * @returns the folder to serve
 */
export async function ensureConsole(
  root: string,
  onProgress: (message: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const dir = join(root, 'services/console');
  const dist = join(dir, 'dist');
  const stamp = join(dist, '.built-from');
  const digest = digestOf([dir, join(root, 'services/contract')]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return dist;
  onProgress('building the page (once after each change of its sources)');
  await runVite(join(root, 'node_modules/vite/bin/vite.js'), dir, signal);
  writeFileSync(stamp, digest);
  return dist;
}

function digestOf(dirs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const dir of dirs) {
    const files = readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((file) => SOURCE.test(file) && !/^(dist|node_modules)[\\/]/.test(file))
      .sort();
    for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(dir, file)));
  }
  return hash.digest('hex');
}

function runVite(vite: string, cwd: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vite, 'build'], { cwd, stdio: ['ignore', 'pipe', 'pipe'], signal });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new ConsoleBuildError(`Vite ended with exit code ${code}:\n${output}`));
    });
  });
}
