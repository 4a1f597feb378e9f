import type { PixelBox } from './box.ts';
import { LANDMARK_COUNT } from './face-landmarker.ts';
import type { FaceBox, FaceModels, Landmarks } from './face-models.ts';
import { assertFrame, cropFrame, type RgbFrame } from './frame.ts';
import { type InferenceService, startInferenceService } from './inference-service.ts';

export interface FaceWorkerOptions {
  /** ONNX file of the detector, prepared and verified. */
  readonly detectPath: string;
  /** ONNX file of the landmark model, prepared and verified. */
  readonly landmarkPath: string;
  /** Ends the thread; what waits fails with INFERENCE_STOPPED. */
  readonly signal: AbortSignal;
}

export interface FaceWorker extends FaceModels, Omit<InferenceService, 'ask'> {
  /** The models for one more stream: each has its own place in the queue, so that no camera starves another. */
  forStream(): FaceModels;
}

/**
 * The models that find faces, in one thread of their own, shared by all streams.
 * @throws VisionError MODEL_UNUSABLE when the models do not load
 */
export async function createFaceWorker({ signal, ...models }: FaceWorkerOptions): Promise<FaceWorker> {
  const service = await startInferenceService({ models, signal });

  function forStream(): FaceModels {
    const stream = {};
    return {
      async detect(frame: RgbFrame): Promise<FaceBox[]> {
        assertFrame(frame);
        const reply = await service.ask({ kind: 'detect', frame }, stream);
        return reply.kind === 'faces' ? reply.faces : [];
      },
      async landmarks(frame: RgbFrame, box: PixelBox): Promise<Landmarks> {
        assertFrame(frame);
        // Only the face goes to the other thread: a hundredth of the bytes.
        const { crop, leftPx, topPx } = cropFrame(frame, box);
        const reply = await service.ask({ kind: 'landmarks', frame: crop }, stream);
        const points = reply.kind === 'points' ? reply.points : new Float32Array();
        return Array.from({ length: LANDMARK_COUNT }, (_, index) => ({
          xPx: leftPx + (points[index * 2] ?? 0) * crop.widthPx,
          yPx: topPx + (points[index * 2 + 1] ?? 0) * crop.heightPx,
        }));
      },
    };
  }

  return {
    ...forStream(),
    forStream,
    get droppedCount() {
      return service.droppedCount;
    },
    get restartCount() {
      return service.restartCount;
    },
    get hungCount() {
      return service.hungCount;
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}
