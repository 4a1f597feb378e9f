import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { endThread } from './end-thread.ts';
import type { InferenceQuestion, InferenceReply } from './inference-messages.ts';
import type { InferenceJob, InferenceQueue } from './inference-queue.ts';
import { VisionError } from './vision-error.ts';

/** A job takes 2 to 50 ms; a thread that says nothing for this long hangs. */
const JOB_LIMIT_MS = 10_000;
/** Loading the sessions takes some 100 ms, more on a machine that starts everything at once. */
const START_LIMIT_MS = 60_000;
/** Pauses between starts of a thread that keeps crashing, doubling. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** Threads that hang for good keep their memory, a hundred megabytes each. */
const MAX_HUNG = 2;

export interface InferenceThreadOptions {
  /** Starts a thread that says `ready` and then answers requests one by one. */
  readonly start: () => Worker;
  readonly queue: InferenceQueue;
  readonly signal: AbortSignal;
  readonly jobLimitMs?: number;
}

export interface InferenceThread {
  /** Resolves when the first thread is ready. @throws VisionError MODEL_UNUSABLE when it cannot start */
  readonly ready: Promise<void>;
  /** How often a thread has been replaced. */
  readonly restartCount: number;
  /** How many threads were asked to end and have not. */
  readonly hungCount: number;
  /** There is a job in the queue. */
  wake(): void;
  /** Resolves once the thread is gone or has turned out to hang, after the signal. */
  readonly stopped: Promise<void>;
}

/**
 * Owns the inference thread: feeds it from the queue one job at a time, and replaces it when it crashes or hangs. The job
 * under way then fails with INFERENCE_CRASHED; those that wait go to the next thread. One that hangs is left to itself, and
 * no more than a few of them at a time: then all jobs fail with INFERENCE_HUNG until one comes back.
 */
export function runInferenceThread(options: InferenceThreadOptions): InferenceThread {
  const { queue, signal, jobLimitMs = JOB_LIMIT_MS } = options;
  const ready = Promise.withResolvers<void>();
  const hung = new Set<Worker>();
  let restartCount = 0;
  let wakeUp = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => wakeUp.resolve(), { once: true });

  async function nextJob(isOver: () => boolean): Promise<InferenceJob | undefined> {
    while (!isOver()) {
      const job = queue.take();
      if (job !== undefined) return job;
      wakeUp = Promise.withResolvers<void>();
      await wakeUp.promise;
    }
    return undefined;
  }

  /** Runs jobs on one thread until it fails or the owner stops it. @returns whether any job succeeded */
  async function serve(worker: Worker, isOver: () => boolean): Promise<boolean> {
    let hasServed = false;
    let spare: ArrayBuffer | undefined;
    for (let job = await nextJob(isOver); job !== undefined; job = await nextJob(isOver)) {
      try {
        const request = withOwnFrame(job.request, spare);
        const answer = nextMessage(worker, jobLimitMs, signal);
        worker.postMessage(request, [request.frame.rgb.buffer]);
        if (request.frame.rgb.buffer === spare) spare = undefined;
        const reply = await answer;
        if (reply.kind === 'faces') spare = reply.spent;
        if (reply.kind === 'failed') job.reject(new VisionError(reply.code, reply.message));
        else job.resolve(reply);
        hasServed = true;
      } catch (cause) {
        job.reject(
          signal.aborted ? stoppedError() : new VisionError('INFERENCE_CRASHED', 'A frame was lost.', { cause }),
        );
        return hasServed;
      }
    }
    return hasServed;
  }

  async function runOnce(): Promise<boolean> {
    const worker = options.start();
    let hasExited = false;
    // Between jobs nobody else listens; an error without a listener would end the process.
    worker
      .on('error', () => undefined)
      .once('exit', () => {
        hasExited = true;
        hung.delete(worker);
        wakeUp.resolve();
      });
    try {
      await nextMessage(worker, START_LIMIT_MS, signal);
      ready.resolve();
      return await serve(worker, () => hasExited || signal.aborted);
    } catch (cause) {
      ready.reject(
        signal.aborted ? stoppedError() : new VisionError('MODEL_UNUSABLE', 'The models do not load.', { cause }),
      );
      return false;
    } finally {
      if (!hasExited && !(await endThread(worker)) && !hasExited) hung.add(worker);
    }
  }

  async function run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const hasServed = await runOnce();
      if (signal.aborted) break;
      restartCount += 1;
      pauseMs = hasServed ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      while (hung.size >= MAX_HUNG && !signal.aborted) {
        queue.rejectAll(new VisionError('INFERENCE_HUNG', 'No inference thread answers.'));
        await sleep(FIRST_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    queue.rejectAll(stoppedError());
  }

  ready.promise.catch(() => undefined);
  return {
    ready: ready.promise,
    get restartCount() {
      return restartCount;
    },
    get hungCount() {
      return hung.size;
    },
    wake: () => wakeUp.resolve(),
    stopped: run(),
  };
}

/**
 * The request with a frame that may be moved to another thread, which takes it from this one.
 * @param spare memory to be written over, if it has the size: whole frames made anew were a collection of garbage a second
 */
function withOwnFrame(
  request: InferenceQuestion,
  spare: ArrayBuffer | undefined,
): InferenceQuestion & { readonly frame: { rgb: Uint8Array<ArrayBuffer> } } {
  const { widthPx, heightPx, rgb } = request.frame;
  // Crops are made for the question; a whole frame belongs to whoever asks, and a part of a larger buffer to others as well.
  const isMadeForIt = request.kind !== 'detect' && rgb.length === rgb.buffer.byteLength && isMovable(rgb);
  if (isMadeForIt) return { ...request, frame: { widthPx, heightPx, rgb } };
  const own = spare?.byteLength === rgb.length ? new Uint8Array(spare) : new Uint8Array(rgb.length);
  own.set(rgb);
  return { ...request, frame: { widthPx, heightPx, rgb: own } };
}

function isMovable(rgb: Uint8Array): rgb is Uint8Array<ArrayBuffer> {
  return rgb.buffer instanceof ArrayBuffer;
}

function stoppedError(): VisionError {
  return new VisionError('INFERENCE_STOPPED', 'Inference has been stopped.');
}

/** The thread's next message. @throws when it fails, ends, is too slow, or the owner stops it */
async function nextMessage(worker: Worker, limitMs: number, signal: AbortSignal): Promise<InferenceReply> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<InferenceReply>();
  const onExit = () => reject(new Error('the inference thread ended'));
  const onAbort = () => reject(signal.reason);
  const limit = setTimeout(() => reject(new Error(`the inference thread was silent for ${limitMs} ms`)), limitMs);
  worker.once('message', resolve).once('error', reject).once('exit', onExit);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(limit);
    worker.off('message', resolve).off('error', reject).off('exit', onExit);
    signal.removeEventListener('abort', onAbort);
  }
}
