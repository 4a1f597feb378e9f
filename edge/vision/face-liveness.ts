import sharp from 'sharp';
import type { PixelBox } from './box.ts';
import { createPlanePacker } from './colour-planes.ts';
import { cropFrame, type RgbFrame } from './frame.ts';

/** The liveness model as `models/manifest.json` describes it. */
export const LIVENESS_INPUT = { name: 'input', shape: [1, 3, 128, 128], sidePx: 128 } as const;

const packPlanes = createPlanePacker({ order: 'BGR', offset: 0, divisor: 1 });

/** The model was taught on so much more than the face: hands, edges of paper and screens lie around it. */
const ENLARGEMENT = 2.7;

/**
 * What the liveness model looks at: the face box enlarged 2.7 times about its centre. Where that leaves the picture it is
 * moved back into it, and enlarged by less where it does not fit (as Silent-Face-Anti-Spoofing, whose model this is, does).
 */
export function livenessRegion(
  box: PixelBox,
  frame: { readonly widthPx: number; readonly heightPx: number },
): PixelBox {
  const enlargement = Math.min(ENLARGEMENT, (frame.widthPx - 1) / box.widthPx, (frame.heightPx - 1) / box.heightPx);
  const widthPx = box.widthPx * enlargement;
  const heightPx = box.heightPx * enlargement;
  const within = (start: number, length: number, end: number) => Math.min(Math.max(start, 0), end - length);
  return {
    leftPx: within(box.leftPx + (box.widthPx - widthPx) / 2, widthPx, frame.widthPx),
    topPx: within(box.topPx + (box.heightPx - heightPx) / 2, heightPx, frame.heightPx),
    widthPx,
    heightPx,
  };
}

/** @throws VisionError FRAME_INVALID when the box lies outside of the frame */
export function cropForLiveness(frame: RgbFrame, box: PixelBox): RgbFrame {
  return cropFrame(frame, livenessRegion(box, frame)).crop;
}

/**
 * A crop as the liveness model wants it: stretched to 128 x 128, planes in the order **B, G, R**, 0..255 as they are. In the
 * order R, G, B it takes 17 of 70 living people for pictures, and nothing else would tell that the order is wrong.
 * @param into where the numbers go; made where there is none
 */
export async function livenessInput(crop: RgbFrame, into?: Float32Array): Promise<Float32Array> {
  const { sidePx } = LIVENESS_INPUT;
  const scaled = await sharp(crop.rgb, { raw: { width: crop.widthPx, height: crop.heightPx, channels: 3 } })
    .resize(sidePx, sidePx, { fit: 'fill' })
    .raw()
    .toBuffer();
  return packPlanes(scaled, sidePx * sidePx, into);
}

/** How much the model takes a face for a living one, 0..1: softmax of its three classes, of which the first is `live`. */
export function liveScoreFromOutput(output: Float32Array): number {
  const largest = Math.max(...output);
  const parts = Array.from(output, (value) => Math.exp(value - largest));
  return (parts[0] ?? 0) / parts.reduce((sum, part) => sum + part, 0);
}
