import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const LIMIT_MS = 10 * 60_000;

/** Whether this is Debian, Ubuntu or one of their children, os-release(5). */
export async function isDebianLike(): Promise<boolean> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(text);
}

/** The one command that brings ffmpeg to this machine, for a person to run. */
export async function installCommand(): Promise<string> {
  if (process.platform === 'darwin') return 'brew install ffmpeg';
  if (process.platform === 'win32') return 'winget install ffmpeg';
  const asRoot = process.getuid?.() === 0 ? '' : 'sudo ';
  if (await isDebianLike()) return `${asRoot}apt-get install -y ffmpeg`;
  return `${asRoot}dnf install -y ffmpeg`;
}

/**
 * As root on Debian or Ubuntu: `apt-get install ffmpeg`, after saying so; with `apt-get update` before a second try,
 * since a fresh image has no package lists.
 *
 * @throws Error with apt's own last line
 */
export async function installFromDistribution(options: {
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const install = ['install', '-y', '--no-install-recommends', 'ffmpeg'];
  options.onProgress('Installing ffmpeg from the distribution: apt-get install -y --no-install-recommends ffmpeg');
  if ((await runApt(install, options.signal)).exitCode === 0) return;
  options.onProgress('Refreshing the package lists first: apt-get update');
  await runApt(['update'], options.signal);
  const { exitCode, words } = await runApt(install, options.signal);
  if (exitCode !== 0) throw new Error(words || `apt-get ended with exit code ${exitCode}`);
}

async function runApt(
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ exitCode: number | null; words: string }> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  const child = spawn('apt-get', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-2000);
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { exitCode, words: words.trim().split('\n').at(-1) ?? '' };
}
