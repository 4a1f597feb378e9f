import { type ChildProcess, spawn } from 'node:child_process';
import { findFreePort } from '../../services/standalone/free-port.ts';
import { type ApiClient, signIn } from './api-client.ts';
import { eventually } from './eventually.ts';
import { processesWith } from './processes.ts';
import { shareRenderedScenes } from './rendered-scenes.ts';

export interface Demo {
  readonly url: string;
  readonly password: string;
  /** When the URL was printed, milliseconds since 1970. */
  readonly printedAtMs: number;
  readonly dataDir: string;
  /** The process that was started, e.g. npm's shell. */
  readonly child: ChildProcess;
  output(): string;
  signIn(): Promise<ApiClient>;
  /** Processes of this demo that are alive now. */
  family(): { pid: number; command: string }[];
  /** Ctrl-C: SIGINT to the whole foreground process group, as a terminal does. Resolves when nothing of it is left. */
  interrupt(): Promise<void>;
  /** For `finally`: ends whatever is left, without judging it. */
  clear(): Promise<void>;
}

export interface DemoOptions {
  readonly cwd: string;
  /** A shell command line; README's own, where the test is about README. */
  readonly command: string;
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How long until the URL is printed. The first start renders the scene and builds the page. */
  readonly startWithinMs?: number;
  /** Whether it renders its scene itself, as for a user. Default: it finds those that tests have rendered before. */
  readonly rendersScene?: boolean;
}

/** Starts the demo as a user does, in a process group of its own, and waits until it prints its URL. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  if (options.rendersScene !== true) shareRenderedScenes(options.dataDir);
  const port = await findFreePort();
  const env = { ...process.env, ...options.env, DIPPER_DATA: options.dataDir, DIPPER_PORT: String(port) };
  const child = spawn('bash', ['-c', options.command], {
    cwd: options.cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let printedAtMs = 0;
  const url = `http://127.0.0.1:${port}`;
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
    if (printedAtMs === 0 && output.includes(url)) printedAtMs = Date.now();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const family = () => processesWith('DIPPER_DATA', options.dataDir);
  const clear = async (): Promise<void> => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await eventually('the demo to end', () => family().length === 0, { withinMs: 15_000 }).catch(() => {
      for (const { pid } of family()) process.kill(pid, 'SIGKILL');
    });
  };
  try {
    await eventually('the URL to be printed', () => printedAtMs > 0 || (child.exitCode !== null && fail(output)), {
      withinMs: options.startWithinMs ?? 150_000,
    });
  } catch (error) {
    await clear();
    throw new Error(`the demo did not start:\n${output}`, { cause: error });
  }
  const password = options.env?.['DIPPER_ADMIN_PASSWORD'] ?? output.match(/admin\s*\/\s*(\S+)/)?.[1] ?? '';
  return {
    url,
    password,
    printedAtMs,
    dataDir: options.dataDir,
    child,
    output: () => output,
    signIn: () => signIn(url, 'admin', password),
    family,
    async interrupt() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
      await eventually('every process to end after Ctrl-C', () => family().length === 0, { withinMs: 15_000 });
    },
    clear,
  };
}

function fail(output: string): never {
  throw new Error(`ended before it was ready:\n${output}`);
}
