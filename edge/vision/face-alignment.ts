import type { Landmarks, Point } from './face-models.ts';
import { assertFrame, type RgbFrame } from './frame.ts';
import { fitSimilarity } from './similarity-transform.ts';
import { VisionError } from './vision-error.ts';

/** The side of an aligned face. */
export const ALIGNED_SIDE_PX = 112;

/** Where eyes, tip of the nose and corners of the mouth lie in an aligned face: the template of ArcFace (Deng 2019). */
const TEMPLATE: readonly Point[] = [
  { xPx: 38.2946, yPx: 51.6963 },
  { xPx: 73.5318, yPx: 51.5014 },
  { xPx: 56.0252, yPx: 71.7366 },
  { xPx: 41.5493, yPx: 92.3655 },
  { xPx: 70.7299, yPx: 92.2041 },
];

/** Landmarks whose mean each of the five points is: the lids without the corners, which a squint moves less. */
const FIVE_POINTS = [[37, 38, 40, 41], [43, 44, 46, 47], [30], [48, 60], [54, 64]] as const;

/** Eyes, nose and mouth corners, from left to right in the picture. */
export function fivePoints(landmarks: Landmarks): Point[] {
  return FIVE_POINTS.map((indices) => {
    const points = indices.map((index) => landmarks[index] ?? { xPx: 0, yPx: 0 });
    const mean = (axis: 'xPx' | 'yPx') => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
    return { xPx: mean('xPx'), yPx: mean('yPx') };
  });
}

/**
 * Cuts a face out of its frame so that its five points lie where the embedding was taught to expect them; bilinear. What
 * lies outside of the frame repeats its edge.
 * @throws VisionError FRAME_INVALID when the points do not span a face
 */
export function alignFace(frame: RgbFrame, landmarks: Landmarks): RgbFrame {
  assertFrame(frame);
  // From the aligned picture back to the frame, so that every pixel gets a value.
  const back = fitSimilarity(TEMPLATE, fivePoints(landmarks));
  if (back === undefined || !(Math.hypot(back.a, back.b) > 1e-3)) {
    throw new VisionError('FRAME_INVALID', 'The landmarks of a face fall together.');
  }
  const rgb = new Uint8Array(ALIGNED_SIDE_PX * ALIGNED_SIDE_PX * 3);
  const { widthPx, heightPx, rgb: source } = frame;
  const [lastX, lastY, rowBytes] = [widthPx - 1, heightPx - 1, widthPx * 3];
  let at = 0;
  for (let v = 0; v < ALIGNED_SIDE_PX; v += 1) {
    for (let u = 0; u < ALIGNED_SIDE_PX; u += 1, at += 3) {
      const x = Math.min(Math.max(back.a * u - back.b * v + back.rightPx, 0), lastX);
      const y = Math.min(Math.max(back.b * u + back.a * v + back.downPx, 0), lastY);
      // Not negative: the cut is the floor.
      const [left, top] = [x | 0, y | 0];
      const [right, down] = [x - left, y - top];
      const upper = top * rowBytes + left * 3;
      const lower = upper + (top < lastY ? rowBytes : 0);
      const step = left < lastX ? 3 : 0;
      for (let channel = 0; channel < 3; channel += 1) {
        const above =
          (source[upper + channel] as number) * (1 - right) + (source[upper + step + channel] as number) * right;
        const below =
          (source[lower + channel] as number) * (1 - right) + (source[lower + step + channel] as number) * right;
        rgb[at + channel] = (above * (1 - down) + below * down + 0.5) | 0;
      }
    }
  }
  return { widthPx: ALIGNED_SIDE_PX, heightPx: ALIGNED_SIDE_PX, rgb };
}
