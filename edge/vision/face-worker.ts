import { Worker } from 'node:worker_threads';
import type { PixelBox } from './box.ts';
import { LANDMARK_COUNT } from './face-landmarker.ts';
import type { FaceBox, FaceModels, Landmarks } from './face-models.ts';
import { assertFrame, cropFrame, type RgbFrame } from './frame.ts';
import type { InferenceQuestion, InferenceReply, InferenceThreadData } from './inference-messages.ts';
import { InferenceQueue } from './inference-queue.ts';
import { runInferenceThread } from './inference-thread.ts';
import { VisionError } from './vision-error.ts';

export interface FaceWorkerOptions {
  /** ONNX file of the detector, prepared and verified. */
  readonly detectPath: string;
  /** ONNX file of the landmark model, prepared and verified. */
  readonly landmarkPath: string;
  /** Ends the thread; what waits fails with INFERENCE_STOPPED. */
  readonly signal: AbortSignal;
}

export interface FaceWorker extends FaceModels, AsyncDisposable {
  /** The models for one more stream: each has its own place in the queue, so that no camera starves another. */
  forStream(): FaceModels;
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
 * The face models in one thread of their own, shared by all streams. While a frame is worked on, one more per stream may
 * wait; a newer one takes its place, and the older fails with FRAME_SUPERSEDED.
 *
 * @throws VisionError MODEL_UNUSABLE when the models do not load
 */
export async function createFaceWorker(options: FaceWorkerOptions): Promise<FaceWorker> {
  const disposal = new AbortController();
  const signal = AbortSignal.any([options.signal, disposal.signal]);
  const { detectPath, landmarkPath } = options;
  const queue = new InferenceQueue();
  const thread = runInferenceThread({
    start: () =>
      new Worker(new URL('./inference.worker.ts', import.meta.url), {
        workerData: { detectPath, landmarkPath } satisfies InferenceThreadData,
        execArgv: [],
      }),
    queue,
    signal,
  });

  function ask(request: InferenceQuestion, stream: object): Promise<InferenceReply> {
    if (signal.aborted) return Promise.reject(new VisionError('INFERENCE_STOPPED', 'Inference has been stopped.'));
    const { promise, resolve, reject } = Promise.withResolvers<InferenceReply>();
    queue.add({ request, resolve, reject }, stream);
    thread.wake();
    return promise;
  }

  function forStream(): FaceModels {
    const stream = {};
    return {
      async detect(frame: RgbFrame): Promise<FaceBox[]> {
        assertFrame(frame);
        const reply = await ask({ kind: 'detect', frame }, stream);
        return reply.kind === 'faces' ? reply.faces : [];
      },
      async landmarks(frame: RgbFrame, box: PixelBox): Promise<Landmarks> {
        assertFrame(frame);
        // Only the face goes to the other thread: a hundredth of the bytes.
        const { crop, leftPx, topPx } = cropFrame(frame, box);
        const reply = await ask({ kind: 'landmarks', frame: crop }, stream);
        const points = reply.kind === 'points' ? reply.points : new Float32Array();
        return Array.from({ length: LANDMARK_COUNT }, (_, index) => ({
          xPx: leftPx + (points[index * 2] ?? 0) * crop.widthPx,
          yPx: topPx + (points[index * 2 + 1] ?? 0) * crop.heightPx,
        }));
      },
    };
  }

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
    ...forStream(),
    forStream,
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
