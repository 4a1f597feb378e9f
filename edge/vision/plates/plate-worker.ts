import type { PixelBox } from '../box.ts';
import { assertFrame, cropFrame, type RgbFrame } from '../frame.ts';
import type { PlateModelPaths } from '../inference-messages.ts';
import { type InferenceService, startInferenceService } from '../inference-service.ts';
import type { DetectorSide } from './plate-input.ts';
import { boxAround, placeQuad } from './quad.ts';
import type { PlateFindings } from './read-plates.ts';

/** What can be said about the plates of one stream. Frames are not changed, and may be reused once the promise has settled. */
export interface PlateReader {
  /**
   * The plates in a part of a frame, in pixels of the frame.
   * @param side the longer side of what the detector sees: 640 unless a larger picture has to be searched
   * @throws VisionError
   */
  read(frame: RgbFrame, area: PixelBox, side?: DetectorSide): Promise<PlateFindings>;
}

export interface PlateWorkerOptions {
  readonly paths: PlateModelPaths;
  /** Ends the thread; what waits fails with INFERENCE_STOPPED. */
  readonly signal: AbortSignal;
}

export interface PlateWorker extends Omit<InferenceService, 'ask'> {
  /** The models for one more stream: each has its own place in the queue, so that no camera starves another. */
  forStream(): PlateReader;
}

/**
 * The models that read plates, in one thread of their own, shared by all streams: faces are found in another.
 * @throws VisionError MODEL_UNUSABLE when the models do not load
 */
export async function createPlateWorker({ paths, signal }: PlateWorkerOptions): Promise<PlateWorker> {
  const service = await startInferenceService({ models: { plates: paths }, signal });
  return {
    forStream() {
      const stream = {};
      return {
        async read(frame, area, side = 640) {
          assertFrame(frame);
          const { crop, leftPx, topPx } = cropFrame(frame, area);
          const reply = await service.ask({ kind: 'plates', frame: crop, side }, stream);
          if (reply.kind !== 'plates') return { plates: [], tooSmall: [] };
          const plates = reply.plates.map((plate) => {
            const quad = placeQuad(plate.quad, { x: 1, y: 1 }, { xPx: leftPx, yPx: topPx });
            return { ...plate, quad, box: boxAround(quad) };
          });
          const tooSmall = reply.tooSmall.map((box) => ({
            ...box,
            leftPx: box.leftPx + leftPx,
            topPx: box.topPx + topPx,
          }));
          return { plates, tooSmall };
        },
      };
    },
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
