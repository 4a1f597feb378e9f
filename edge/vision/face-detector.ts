import sharp from 'sharp';
import { clipBox, overlap } from './box.ts';
import { createPlanePacker } from './colour-planes.ts';
import type { FaceBox } from './face-models.ts';
import type { RgbFrame } from './frame.ts';

/** UltraFace RFB-320 as `models/manifest.json` describes it. */
export const DETECTOR_INPUT = { name: 'input', shape: [1, 3, 240, 320], widthPx: 320, heightPx: 240 } as const;
const packPlanes = createPlanePacker({ order: 'RGB', offset: 127, divisor: 128 });

/**
 * Below this a box is not reported. On 100 pictures of cars without people the detector gave 3 false boxes at 0.65 and none
 * at 0.8; the tracker starts tracks at 0.8 and follows them down to here.
 */
export const MIN_SCORE = 0.65;
/** Two boxes that overlap by more are one face (UltraFace's own value is 0.3; 0.4 keeps people who stand close). */
const SAME_FACE_OVERLAP = 0.4;

/**
 * The picture as the detector wants it: stretched to 320 x 240, planes in the order R, G, B, (v − 127) / 128.
 * @param into where the numbers go; made where there is none
 */
export async function detectorInput(frame: RgbFrame, into?: Float32Array): Promise<Float32Array> {
  const { widthPx, heightPx } = DETECTOR_INPUT;
  const scaled = await sharp(frame.rgb, { raw: { width: frame.widthPx, height: frame.heightPx, channels: 3 } })
    .resize(widthPx, heightPx, { fit: 'fill' })
    .raw()
    .toBuffer();
  return packPlanes(scaled, widthPx * heightPx, into);
}

/**
 * Turns the detector's output into boxes of the frame: best first, one per face.
 * @param scores 4420 x [not a face, a face]
 * @param boxes 4420 x [left, top, right, bottom] as parts of the frame
 */
export function facesFromOutput(
  scores: Float32Array,
  boxes: Float32Array,
  frame: { readonly widthPx: number; readonly heightPx: number },
): FaceBox[] {
  const candidates: FaceBox[] = [];
  for (let anchor = 0; anchor * 2 + 1 < scores.length; anchor += 1) {
    const score = scores[anchor * 2 + 1] ?? 0;
    if (score < MIN_SCORE) continue;
    const [left = 0, top = 0, right = 0, bottom = 0] = boxes.subarray(anchor * 4, anchor * 4 + 4);
    const box = clipBox(
      {
        leftPx: left * frame.widthPx,
        topPx: top * frame.heightPx,
        widthPx: (right - left) * frame.widthPx,
        heightPx: (bottom - top) * frame.heightPx,
      },
      frame,
    );
    if (box.widthPx >= 1 && box.heightPx >= 1) candidates.push({ ...box, score });
  }
  candidates.sort((a, b) => b.score - a.score);
  const faces: FaceBox[] = [];
  for (const candidate of candidates) {
    if (faces.every((face) => overlap(face, candidate) < SAME_FACE_OVERLAP)) faces.push(candidate);
  }
  return faces;
}
