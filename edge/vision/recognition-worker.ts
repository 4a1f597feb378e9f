import type { PixelBox } from './box.ts';
import { alignFace } from './face-alignment.ts';
import type { FaceTemplate } from './face-embedder.ts';
import { cropForLiveness } from './face-liveness.ts';
import type { Landmarks } from './face-models.ts';
import type { RgbFrame } from './frame.ts';
import { startInferenceService } from './inference-service.ts';
import { VisionError } from './vision-error.ts';

/** What the models of access control can say about a face. Only cameras with `recognition` have them. */
export interface RecognitionModels {
  /** @throws VisionError */
  embed(frame: RgbFrame, landmarks: Landmarks): Promise<FaceTemplate>;
  /** How much a face is taken for a living one, 0..1: a weak signal, never alone. @throws VisionError */
  liveScore(frame: RgbFrame, box: PixelBox): Promise<number>;
}

export interface RecognitionWorker extends RecognitionModels, AsyncDisposable {
  /** How often the thread crashed or hung, and was replaced. */
  readonly restartCount: number;
}

export interface RecognitionWorkerOptions {
  /** ONNX file of the embedding, prepared and verified. */
  readonly embedPath: string;
  /** ONNX file of the liveness model, prepared and verified. */
  readonly livenessPath: string;
  /** Ends the thread; what waits fails with INFERENCE_STOPPED. */
  readonly signal: AbortSignal;
}

/**
 * The models that recognise faces, in a thread of their own: whoever comes to the gate waits for them, and captures at other
 * cameras must not hold them up. Aligning and cutting out happen on the caller's thread, so that 37 kilobytes cross rather
 * than a frame.
 *
 * @throws VisionError MODEL_UNUSABLE when the models do not load
 */
export async function createRecognitionWorker(options: RecognitionWorkerOptions): Promise<RecognitionWorker> {
  const { signal, ...models } = options;
  const service = await startInferenceService({ models, signal });
  const stream = {};
  return {
    async embed(frame, landmarks) {
      const reply = await service.ask({ kind: 'embed', frame: alignFace(frame, landmarks) }, stream);
      if (reply.kind !== 'template') throw new VisionError('MODEL_UNUSABLE', 'The embedding gave something else.');
      return reply.template;
    },
    async liveScore(frame, box) {
      const reply = await service.ask({ kind: 'liveness', frame: cropForLiveness(frame, box) }, stream);
      if (reply.kind !== 'liveness') throw new VisionError('MODEL_UNUSABLE', 'The liveness gave something else.');
      return reply.score;
    },
    get restartCount() {
      return service.restartCount;
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}
