import { spawn } from 'node:child_process';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);

/** A download that has grown by nothing for this long counts as cut off: no network, or a proxy that swallows it. */
const STALL_MS = 20_000;
const LIMIT_MS = 10 * 60_000;

/** Where ffmpeg-static's binary lies or would lie; undefined where it offers none for this system. */
export function findStaticPath(): string | undefined {
  const folder = dirname(require.resolve('ffmpeg-static/package.json'));
  const offered: unknown = require('ffmpeg-static');
  return typeof offered === 'string' ? join(folder, process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg') : undefined;
}

export interface FetchStaticOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
  readonly stallMs?: number;
}

/**
 * Does what ffmpeg-static's install script would have done if install scripts were on: runs it, in sight, into a folder
 * of its own, and moves the whole binary into place. The script honours HTTPS_PROXY and FFMPEG_BINARIES_URL (a mirror).
 *
 * @returns the binary's path
 * @throws Error with the script's own last words
 */
export async function fetchStaticFfmpeg(path: string, options: FetchStaticOptions): Promise<string> {
  const folder = await mkdtemp(`${path}-fetching-`);
  try {
    const partial = join(folder, 'ffmpeg');
    await runInstallScript(partial, options);
    // Several processes may fetch at once; each moves a whole file, and any of them will do.
    await rename(partial, path);
    return path;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runInstallScript(destination: string, options: FetchStaticOptions): Promise<void> {
  const script = require.resolve('ffmpeg-static/install.js');
  const child = spawn(process.execPath, [script], {
    env: { ...options.env, FFMPEG_BIN: destination },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-2000);
  });
  const done = new AbortController();
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  }).finally(() => done.abort());
  const onAbort = () => child.kill('SIGKILL');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const [exitCode, failure] = await Promise.all([exit, watchGrowth(destination, options, done.signal, onAbort)]);
    options.signal?.throwIfAborted();
    if (failure !== undefined) throw new Error(failure);
    if (exitCode !== 0) throw new Error(lastWords(words) || `its install script ended with exit code ${exitCode}`);
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}

/** Tells how far the file has grown, and ends the download when it stops growing. @returns why it was ended, if it was */
async function watchGrowth(
  file: string,
  options: FetchStaticOptions,
  done: AbortSignal,
  end: () => void,
): Promise<string | undefined> {
  const stallMs = options.stallMs ?? STALL_MS;
  const startedAt = performance.now();
  let grownAt = startedAt;
  let size = 0;
  while (!done.aborted) {
    await sleep(500, undefined, { signal: done }).catch(() => undefined);
    const now = performance.now();
    const sizeNow = await stat(file).then(
      (stats) => stats.size,
      () => 0,
    );
    if (sizeNow > size) {
      const mebibytes = Math.floor(sizeNow / 2 ** 20);
      if (mebibytes >= Math.floor(size / 2 ** 20) + 5) options.onProgress(`Fetching ffmpeg: ${mebibytes} MiB so far`);
      size = sizeNow;
      grownAt = now;
    }
    if (now - grownAt > stallMs || now - startedAt > LIMIT_MS) {
      end();
      return `nothing came for ${Math.round((now - grownAt) / 1000)} s`;
    }
  }
  return undefined;
}

/** The script prints a stack and the error's fields; the line that says what happened carries the error's message. */
function lastWords(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.find((line) => /^(\w*Error)\b/.test(line)) ?? lines.find((line) => line !== '') ?? '';
}
