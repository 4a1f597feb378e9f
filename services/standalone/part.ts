import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LifecycleMessage, PartName, ReadyMessage } from '@dipper/contract/lifecycle';

export interface PartOptions {
  readonly name: PartName;
  /** Path of the part's main.ts. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Standard output and error go here, appended; the terminal shows only progress. */
  readonly logFile: string;
  readonly onProgress: (part: PartName, message: string, fraction?: number) => void;
  /** Gives up a start that is under way; a part that runs is ended by `stop`. */
  readonly signal: AbortSignal;
}

/** The part ended before it was usable. */
export class PartFailedError extends Error {
  readonly code: string;
  readonly part: PartName;
  constructor(part: PartName, code: string, message: string) {
    super(message);
    this.name = 'PartFailedError';
    this.part = part;
    this.code = code;
  }
}

export interface Part {
  readonly name: PartName;
  /** What the part told when it first became usable. */
  readonly ready: ReadyMessage;
  pid(): number | undefined;
  /** Asks the part to stop, and ends it when it does not within the time. */
  stop(): Promise<void>;
}

/** A part that does not stop by itself in this time is killed. */
const STOP_PATIENCE_MS = 6_000;
const RESTART_FIRST_MS = 500;
const RESTART_LAST_MS = 15_000;
/** A run this long counts as healthy: the next crash starts over with a short wait. */
const HEALTHY_AFTER_MS = 60_000;

/**
 * Starts a part and keeps it running: resolves once it is usable, and from then on starts it again, after a growing
 * wait, whenever it ends. The child is a process group of its own, so that Ctrl-C reaches only us and the parts stop
 * in order; it stops itself when its IPC channel closes, so that it does not outlive us.
 *
 * @throws PartFailedError when it ends or fails before it is usable for the first time
 */
export async function startPart(options: PartOptions): Promise<Part> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  let stopping = false;
  let child: ChildProcess;
  let restartMs = RESTART_FIRST_MS;

  const run = (): { child: ChildProcess; ready: Promise<ReadyMessage> } => {
    const started = spawnPart(options);
    return { child: started, ready: untilReady(options, started) };
  };
  const keepRunning = (watched: ChildProcess): void => {
    const startedAt = Date.now();
    watched.once('exit', async (code, signal) => {
      if (stopping) return;
      if (Date.now() - startedAt > HEALTHY_AFTER_MS) restartMs = RESTART_FIRST_MS;
      options.onProgress(
        options.name,
        `ended (${signal ?? `exit code ${code}`}); starting it again, see ${options.logFile}`,
      );
      await delay(restartMs);
      restartMs = Math.min(restartMs * 2, RESTART_LAST_MS);
      if (stopping) return;
      const next = run();
      child = next.child;
      next.ready.then(
        () => options.onProgress(options.name, 'running again'),
        () => undefined, // the exit handler below tries once more
      );
      keepRunning(next.child);
    });
  };

  const first = run();
  child = first.child;
  const ready = await first.ready.catch(async (error: unknown) => {
    stopping = true;
    await endChild(first.child);
    throw error;
  });
  options.onProgress(options.name, 'ready');
  keepRunning(first.child);

  return {
    name: options.name,
    ready,
    pid: () => child.pid,
    async stop() {
      stopping = true;
      await endChild(child);
    },
  };
}

/**
 * The child writes its log itself: through a pipe to us it would stand at the first line after our end (sonic-boom 4
 * waits for ever when it flushes into a pipe that nobody reads any more).
 */
function spawnPart(options: PartOptions): ChildProcess {
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    return spawn(process.execPath, [options.entry, ...options.args], {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

function untilReady(options: PartOptions, child: ChildProcess): Promise<ReadyMessage> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: LifecycleMessage) => {
      if (message.type === 'progress') options.onProgress(options.name, message.message, message.fraction);
      if (message.type === 'ready') resolve(message);
      if (message.type === 'failed') reject(new PartFailedError(options.name, message.code, message.message));
    });
    options.signal.addEventListener(
      'abort',
      () =>
        reject(new PartFailedError(options.name, 'START_GIVEN_UP', `${options.name} was stopped before it was ready`)),
      { once: true },
    );
    child.once('error', (cause) => reject(new PartFailedError(options.name, 'PART_NOT_STARTED', cause.message)));
    child.once('exit', (code, signal) =>
      reject(
        new PartFailedError(
          options.name,
          'PART_ENDED',
          `${options.name} ended before it was ready (${signal ?? `exit code ${code}`}); its log is ${options.logFile}`,
        ),
      ),
    );
  });
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
  await ended;
  clearTimeout(timer);
}
