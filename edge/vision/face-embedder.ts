import { createPlanePacker } from './colour-planes.ts';
import { ALIGNED_SIDE_PX } from './face-alignment.ts';
import type { RgbFrame } from './frame.ts';
import { VisionError } from './vision-error.ts';

/** The embedding model as `models/manifest.json` describes it. */
export const EMBEDDER_INPUT = { name: 'input', shape: [1, 3, ALIGNED_SIDE_PX, ALIGNED_SIDE_PX] } as const;
export const TEMPLATE_LENGTH = 512;
const packPlanes = createPlanePacker({ order: 'RGB', offset: 127, divisor: 128 });

/** Which model a template was made by: templates of two models do not compare. Changes with the pin in the manifest. */
export const TEMPLATE_MODEL = 'faceplugin-fr-feature-1';

/** A face as the embedding model sees it: 512 numbers, a vector of unit length. Personal data of the most sensitive kind. */
export type FaceTemplate = Float32Array;

/**
 * @param aligned 112 x 112 pixels, see `alignFace`
 * @param into where the numbers go; made where there is none
 * @throws VisionError FRAME_INVALID
 */
export function embedderInput(aligned: RgbFrame, into?: Float32Array): Float32Array {
  if (aligned.widthPx !== ALIGNED_SIDE_PX || aligned.heightPx !== ALIGNED_SIDE_PX) {
    throw new VisionError('FRAME_INVALID', 'An aligned face is 112 x 112 pixels.');
  }
  return packPlanes(aligned.rgb, ALIGNED_SIDE_PX * ALIGNED_SIDE_PX, into);
}

/** Brings the model's output to unit length. @throws VisionError MODEL_UNUSABLE when it has none */
export function templateFromOutput(output: Float32Array): FaceTemplate {
  const length = Math.hypot(...output);
  if (output.length !== TEMPLATE_LENGTH || !(length > 0)) {
    throw new VisionError('MODEL_UNUSABLE', 'The embedding model gave no template.');
  }
  return output.map((value) => value / length);
}
