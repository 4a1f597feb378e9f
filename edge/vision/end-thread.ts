import type { Worker } from 'node:worker_threads';
import type { InferenceRequest } from './inference-messages.ts';

/** Thirty times what an inference takes. */
const PATIENCE_MS = 1_500;

/**
 * Asks a thread to end after what it is doing. It is never terminated: a native call that comes back into a terminated
 * thread throws where nobody can catch, and takes the process with it (SIGABRT, onnxruntime-node 1.30).
 *
 * @returns whether it is gone; one that is not will end when its call comes back, if ever
 */
export async function endThread(worker: Worker, patienceMs = PATIENCE_MS): Promise<boolean> {
  const { promise: isGone, resolve } = Promise.withResolvers<boolean>();
  const onExit = () => resolve(true);
  const limit = setTimeout(() => resolve(false), patienceMs);
  worker.once('exit', onExit);
  worker.postMessage({ kind: 'end' } satisfies InferenceRequest);
  try {
    return await isGone;
  } finally {
    clearTimeout(limit);
    worker.off('exit', onExit);
  }
}
