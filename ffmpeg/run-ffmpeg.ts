import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { getPriority, setPriority } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { classifyFfmpegFailure } from './classify-failure.ts';
import { FfmpegError } from './errors.ts';
import { collectStderrTail } from './stderr-tail.ts';

/** A child that reads its standard input gets this long to finish what it has after that input ends. */
const DRAIN_MS = 200;
/** A stalled ffmpeg survives SIGTERM (it waits for a second one); no run outlives its owner's wish by more than this. */
const KILL_AFTER_MS = 1_000;
/** How long to wait for the last words of a child that has exited. */
const LAST_WORDS_MS = 200;

export interface FfmpegRunOptions extends FfmpegKeepOptions {
  readonly path: string;
  /** No secrets here: any user of the machine can read a command line. */
  readonly args: readonly string[];
  /** Whether it writes something else besides its output to `pipe:3`, see `FfmpegRun.beside`. */
  readonly writesBeside?: boolean;
}

/** How a child is kept once it runs. */
export interface FfmpegKeepOptions {
  /** Written to the child's standard input, which is then closed. Absent: the caller writes to `stdin` and ends it. */
  readonly input?: string | Uint8Array;
  /** What must not appear in what the child printed, e.g. `RtspInput.secrets`. */
  readonly secrets?: readonly string[];
  /** The silence limit that a network source was opened with; helps to tell a silent device from a wrong one. */
  readonly sourceTimeoutMs?: number;
  /** So many steps behind this process when the processor is short (nice(2)). Default: as this process. */
  readonly niceness?: number;
  /** Ends the child: its standard input is closed, then SIGTERM, then SIGKILL. */
  readonly signal: AbortSignal;
}

export interface FfmpegEnd {
  /** Why it ended, as an error ready to be thrown or logged; `FFMPEG_ABORTED` when the owner's signal ended it. */
  readonly error: FfmpegError;
  readonly exitCode: number | null;
  readonly exitSignal: NodeJS.Signals | null;
  /** The last lines of its standard error, at most 8 KiB, credentials masked. */
  readonly stderrTail: string;
  readonly durationMs: number;
}

export interface FfmpegRun {
  /** Undefined when the binary could not be started; `ended` says why. */
  readonly pid: number | undefined;
  readonly stdin: Writable;
  /** The caller reads this to its end or destroys it. */
  readonly stdout: Readable;
  /** What it writes to `pipe:3`; there where `writesBeside` asked for it, and then read to its end or destroyed like `stdout`. */
  readonly beside?: Readable;
  /** Resolves once the child is gone; never rejects. For a stream every end is a failure of that run. */
  readonly ended: Promise<FfmpegEnd>;
}

/**
 * Starts one ffmpeg with pipes for standard input, output and error. The pipes also tie it to this process: when that is
 * killed, a run that reads from it sees the end of its input, a run that writes to it a broken pipe, and a run whose
 * source has stalled ends by the source's own timeout.
 */
export function runFfmpeg(options: FfmpegRunOptions): FfmpegRun {
  const args = ['-hide_banner', '-loglevel', 'error', ...options.args];
  if (options.writesBeside !== true) {
    return keepFfmpeg(spawn(options.path, args, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true }), options);
  }
  const child = spawn(options.path, args, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], windowsHide: true });
  const beside = child.stdio[3] as Readable;
  beside.on('error', () => undefined);
  return { ...keepFfmpeg(child, options), beside };
}

/** The same for an ffmpeg that somebody else has just started, with pipes for its standard input, output and error. */
export function keepFfmpeg(child: ChildProcessWithoutNullStreams, options: FfmpegKeepOptions): FfmpegRun {
  const startedAt = performance.now();
  if (options.niceness !== undefined && child.pid !== undefined) giveWay(child.pid, options.niceness);
  const { stdin, stdout, stderr } = child;
  const tail = collectStderrTail(stderr, options.secrets ?? []);
  // Writing to a child that has just died: `ended` tells the story.
  stdin.on('error', () => undefined);
  stdout.on('error', () => undefined);
  if (options.input !== undefined) stdin.end(options.input);

  const ended = waitForEnd(child).then((exit): FfmpegEnd => {
    const { startError, ...how } = exit;
    const stderrTail = tail.text();
    const durationMs = performance.now() - startedAt;
    const wasSilent =
      options.sourceTimeoutMs !== undefined && durationMs >= options.sourceTimeoutMs && bytesRead(stdout) === 0;
    const error =
      startError !== undefined
        ? new FfmpegError('FFMPEG_MISSING', 'ffmpeg could not be started.', { cause: startError })
        : options.signal.aborted
          ? new FfmpegError('FFMPEG_ABORTED', 'ffmpeg was stopped.')
          : new FfmpegError(classifyFfmpegFailure(stderrTail, { wasSilent }), describeEnd(exit, stderrTail));
    return { ...how, error, stderrTail, durationMs };
  });
  void endOnAbort(child, options.signal, ended);
  return { pid: child.pid, stdin, stdout, ended };
}

/** Set before ffmpeg has started its threads, which take it over; that it is not allowed is no reason to fail. */
function giveWay(pid: number, niceness: number): void {
  try {
    setPriority(pid, Math.min(19, getPriority(pid) + niceness));
  } catch {
    // The child has ended, which `ended` tells, or the system has no such thing.
  }
}

/**
 * Runs ffmpeg on a job that has an end, such as rendering or transcoding, and waits for that end.
 * @returns what it wrote to its standard output
 * @throws FfmpegError unless it exited with 0
 */
export async function convertWithFfmpeg(options: FfmpegRunOptions): Promise<Buffer> {
  const run = runFfmpeg(options);
  const chunks: Buffer[] = [];
  run.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = run.pid === undefined ? Promise.resolve() : once(run.stdout, 'close');
  const end = await run.ended;
  if (end.exitCode !== 0 || options.signal.aborted) throw end.error;
  await closed;
  return Buffer.concat(chunks);
}

interface Exit {
  readonly exitCode: number | null;
  readonly exitSignal: NodeJS.Signals | null;
  readonly startError?: Error;
}

function waitForEnd(child: ChildProcess): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  child.once('error', (startError) => {
    if (child.pid === undefined) resolve({ exitCode: null, exitSignal: null, startError });
  });
  // `close` would wait for a standard output that nobody reads.
  child.once('exit', (exitCode, exitSignal) => {
    const done = () => resolve({ exitCode, exitSignal });
    const timer = setTimeout(done, LAST_WORDS_MS);
    child.stderr?.once('close', () => {
      clearTimeout(timer);
      done();
    });
  });
  return promise;
}

async function endOnAbort(child: ChildProcess, signal: AbortSignal, ended: Promise<unknown>): Promise<void> {
  const isGone = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const aborted = Promise.withResolvers<void>();
  const onAbort = () => aborted.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  await Promise.race([aborted.promise, ended]);
  signal.removeEventListener('abort', onAbort);
  if (isGone()) return;
  if (child.stdin !== null && !child.stdin.writableEnded) {
    child.stdin.end();
    await Promise.race([ended, sleep(DRAIN_MS)]);
  }
  if (isGone()) return;
  child.kill('SIGTERM');
  const killTimer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await ended;
  clearTimeout(killTimer);
}

/** The pipes of a child are sockets, which count. */
function bytesRead(stream: Readable): number {
  return stream instanceof Socket ? stream.bytesRead : 0;
}

function describeEnd(exit: Exit, stderrTail: string): string {
  const how = exit.exitSignal === null ? `with exit code ${exit.exitCode}` : `by ${exit.exitSignal}`;
  const words = stderrTail.split('\n').at(-1)?.trim();
  return words ? `ffmpeg ended ${how}: ${words}.` : `ffmpeg ended ${how}.`;
}
