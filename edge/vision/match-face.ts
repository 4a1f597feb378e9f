import { centreDistance, overlap, type PixelBox, scaleBox } from './box.ts';
import type { FaceBox } from './face-models.ts';

/** Streams of one camera may be cut and timed a little differently: a frame's time and a few percent of crop. */
const MAX_DISTANCE = 0.75;
const MAX_GROWTH = 1.6;

/**
 * Finds, among the faces of another picture of the same scene (the main stream's), the one that stands where a face stood.
 * @returns undefined when none does
 */
export function matchFace(
  wanted: PixelBox,
  seenIn: { readonly widthPx: number; readonly heightPx: number },
  faces: readonly FaceBox[],
  foundIn: { readonly widthPx: number; readonly heightPx: number },
): FaceBox | undefined {
  const expected = scaleBox(wanted, seenIn, foundIn);
  const growth = (face: FaceBox) => Math.sqrt((face.widthPx * face.heightPx) / (expected.widthPx * expected.heightPx));
  return faces
    .filter((face) => growth(face) <= MAX_GROWTH && growth(face) >= 1 / MAX_GROWTH)
    .filter((face) => centreDistance(face, expected) <= MAX_DISTANCE)
    .toSorted(
      (a, b) =>
        overlap(b, expected) - overlap(a, expected) || centreDistance(a, expected) - centreDistance(b, expected),
    )[0];
}
