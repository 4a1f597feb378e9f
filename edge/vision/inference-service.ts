import { Worker } from 'node:worker_threads';
import type { InferenceQuestion, InferenceReply, InferenceThreadData } from './inference-messages.ts';
import { InferenceQueue } from './inference-queue.ts';
import { runInferenceThread } from './inference-thread.ts';
import { VisionError } from './vision-error.ts';

export interface InferenceServiceOptions {
  readonly models: InferenceThreadData;
  /** Ends the thread; what waits fails with INFERENCE_STOPPED. */
  readonly signal: AbortSignal;
}

export interface InferenceService extends AsyncDisposable {
  /** @param stream whatever identifies the stream asking: each has its own place in the queue. @throws VisionError */
  ask(request: InferenceQuestion, stream: object): Promise<InferenceReply>;
  /** How many frames were left out because a newer one of their stream came. */
  readonly droppedCount: number;
  /** How often the thread crashed or hung, and was replaced. */
  readonly restartCount: number;
  /** How many of the replaced ones have not come to an end. */
  readonly hungCount: number;
  /** Stops it. @throws VisionError INFERENCE_HUNG: `process.exit` would now wait for ever */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Some models in one thread of their own, shared by all streams. While a frame is worked on, one more per stream may wait; a
 * newer one takes its place, and the older fails with FRAME_SUPERSEDED.
 *
 * @throws VisionError MODEL_UNUSABLE when the models do not load
 */
export async function startInferenceService(options: InferenceServiceOptions): Promise<InferenceService> {
  const disposal = new AbortController();
  const signal = AbortSignal.any([options.signal, disposal.signal]);
  const queue = new InferenceQueue();
  const thread = runInferenceThread({
    start: () =>
      new Worker(new URL('./inference.worker.ts', import.meta.url), { workerData: options.models, execArgv: [] }),
    queue,
    signal,
  });

  async function stop(): Promise<void> {
    disposal.abort();
    await thread.stopped;
    if (thread.hungCount > 0) throw new VisionError('INFERENCE_HUNG', 'An inference thread does not come to an end.');
  }

  try {
    await thread.ready;
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ask(request, stream) {
      if (signal.aborted) return Promise.reject(new VisionError('INFERENCE_STOPPED', 'Inference has been stopped.'));
      const { promise, resolve, reject } = Promise.withResolvers<InferenceReply>();
      queue.add({ request, resolve, reject }, stream);
      thread.wake();
      return promise;
    },
    get droppedCount() {
      return queue.droppedCount;
    },
    get restartCount() {
      return thread.restartCount;
    },
    get hungCount() {
      return thread.hungCount;
    },
    [Symbol.asyncDispose]: stop,
  };
}
