import { Worker } from 'node:worker_threads';
import type { CameraClient, CameraClientOptions } from './camera-client.ts';
import type { CallReply, CallRequest } from './conversation-messages.ts';
import { OnvifAbortedError, OnvifReplyInvalidError, OnvifTimeoutError, onvifErrorFrom } from './errors.ts';

/**
 * A thread that has not been asked anything for this long ends. Calls come in bursts (start, reconnect), so an estate
 * with a hundred cameras holds no hundred idle threads.
 */
const IDLE_MS = 5_000;

/** Enough for the object tree that xml2js makes of the largest reply allowed; a thread that needs more is ended by V8. */
const MAX_HEAP_MB = 96;

export interface ConversationOptions {
  readonly client: CameraClientOptions;
  readonly timeoutMs: number;
  /** Ends the conversation for good. */
  readonly signal: AbortSignal | undefined;
}

export interface Conversation {
  /** Runs one call after those before it. @throws OnvifError */
  call<N extends keyof CameraClient>(
    name: N,
    args: Parameters<CameraClient[N]>,
    signal?: AbortSignal,
  ): Promise<Awaited<ReturnType<CameraClient[N]>>>;
  close(): Promise<void>;
}

/**
 * Owns the thread that a device's conversation runs in. A thread rather than a child process: it costs a tenth of the
 * memory, takes credentials without a command line or environment, its heap has a limit of its own, and `terminate`
 * stops it even in the middle of a parser's loop.
 */
export function createConversation(options: ConversationOptions): Conversation {
  const { client, timeoutMs, signal: lifetime } = options;
  let worker: Worker | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let nextId = 1;
  let isClosed = false;
  let queue: Promise<unknown> = Promise.resolve();

  async function endWorker(): Promise<void> {
    clearTimeout(idleTimer);
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  }

  function startWorker(): Worker {
    const started = new Worker(new URL('./conversation.worker.ts', import.meta.url), {
      workerData: client,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: 16 },
    });
    started.unref();
    // A thread may also die between calls; the next one then gets a new thread.
    const forget = () => {
      if (worker === started) worker = undefined;
    };
    started.on('error', forget).on('exit', forget);
    return started;
  }

  lifetime?.addEventListener('abort', () => void endWorker(), { once: true });

  async function run(request: CallRequest, signal: AbortSignal | undefined): Promise<unknown> {
    const stop = AbortSignal.any([lifetime, signal].filter((each) => each !== undefined));
    if (isClosed || stop.aborted) throw new OnvifAbortedError('The conversation has been ended.');
    clearTimeout(idleTimer);
    worker ??= startWorker();
    const current = worker;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();

    const onMessage = (reply: CallReply) => {
      if (reply.id !== request.id) return;
      if ('error' in reply) reject(onvifErrorFrom(reply.error));
      else resolve(reply.value);
    };
    const onError = (cause: unknown) =>
      reject(new OnvifReplyInvalidError('A reply brought its reader down (too much memory).', { cause }));
    const onExit = () => reject(new OnvifAbortedError('The conversation has been ended.'));
    const onAbort = () => reject(new OnvifAbortedError('The caller gave up.'));
    const deadline = setTimeout(() => {
      reject(new OnvifTimeoutError(`The device did not finish its answer to ${request.call} within ${timeoutMs} ms.`));
    }, timeoutMs);
    current.on('message', onMessage).on('error', onError).on('exit', onExit);
    stop.addEventListener('abort', onAbort);
    try {
      current.postMessage(request);
      const value = await promise;
      idleTimer = setTimeout(() => void endWorker(), IDLE_MS).unref();
      return value;
    } catch (error) {
      // A thread with a failed call may still be parsing, waiting or half way through a digest: the next call gets a new one.
      current.off('exit', onExit);
      await endWorker();
      throw error;
    } finally {
      clearTimeout(deadline);
      current.off('message', onMessage).off('error', onError).off('exit', onExit);
      stop.removeEventListener('abort', onAbort);
    }
  }

  return {
    call(name, args, signal) {
      const request = { id: nextId++, call: name, args } as unknown as CallRequest;
      const result = queue.then(() => run(request, signal));
      queue = result.catch(() => undefined);
      return result as Promise<Awaited<ReturnType<CameraClient[typeof name]>>>;
    },
    async close() {
      isClosed = true;
      await endWorker();
      await queue;
    },
  };
}
