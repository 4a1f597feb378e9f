import { Worker } from 'node:worker_threads';
import type { WatchedDevice, WatchReport } from './device-watch.ts';
import type { WatchMessage, WatchRequest } from './watch-messages.ts';

/** Sixty-four cameras with a reply of the largest size each, and as much again. */
const MAX_HEAP_MB = 128;
/** A thread that died is not started anew in a circle. */
const RESTART_MS = 1_000;

export interface WatchThread {
  /** Watches a device until the signal ends it. @returns once it has said goodbye to the device */
  watch(device: WatchedDevice, onReport: (report: WatchReport) => void, signal: AbortSignal): Promise<void>;
  /** How often the thread died and was started anew. */
  readonly restartCount: number;
  close(): Promise<void>;
}

interface Watch {
  readonly device: WatchedDevice;
  readonly onReport: (report: WatchReport) => void;
  readonly done: () => void;
  readonly signal: AbortSignal;
}

/** Owns the one thread in which the clocks and events of all devices are watched; it runs while there is one to watch. */
export function createWatchThread(): WatchThread {
  const watches = new Map<number, Watch>();
  let worker: Worker | undefined;
  let restart: NodeJS.Timeout | undefined;
  let restartCount = 0;
  let nextId = 1;
  let isClosed = false;

  function ask(request: WatchRequest): void {
    worker?.postMessage(request);
  }

  function onMessage(message: WatchMessage): void {
    const watch = watches.get(message.id);
    if (message.kind === 'report') watch?.onReport(message.report);
    else {
      watches.delete(message.id);
      watch?.done();
      if (watches.size === 0) void end();
    }
  }

  function start(): void {
    restart = undefined;
    const started = new Worker(new URL('./device-watch.worker.ts', import.meta.url), {
      ...{ env: {}, execArgv: [] },
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: 16 },
    });
    worker = started;
    started.on('message', onMessage);
    // What ended it is told by 'exit' as well.
    started.on('error', () => undefined);
    started.on('exit', () => {
      if (worker !== started) return;
      worker = undefined;
      // Whoever was leaving has left.
      for (const [id, { signal, done }] of watches) {
        if (!signal.aborted) continue;
        watches.delete(id);
        done();
      }
      if (isClosed || watches.size === 0) return;
      restartCount += 1;
      restart = setTimeout(start, RESTART_MS);
    });
    for (const [id, { device }] of watches) ask({ kind: 'watch', id, device });
  }

  async function end(): Promise<void> {
    clearTimeout(restart);
    restart = undefined;
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  }

  return {
    watch(device, onReport, signal) {
      if (isClosed || signal.aborted) return Promise.resolve();
      const id = nextId++;
      const { promise, resolve } = Promise.withResolvers<void>();
      watches.set(id, { device, onReport, done: resolve, signal });
      signal.addEventListener(
        'abort',
        () => {
          if (worker !== undefined) ask({ kind: 'leave', id });
          else if (watches.delete(id)) resolve();
        },
        { once: true },
      );
      if (worker !== undefined) ask({ kind: 'watch', id, device });
      else if (restart === undefined) start();
      return promise;
    },
    get restartCount() {
      return restartCount;
    },
    async close() {
      isClosed = true;
      await end();
      for (const { done } of watches.values()) done();
      watches.clear();
    },
  };
}
