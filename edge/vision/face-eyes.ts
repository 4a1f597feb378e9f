import type { Landmarks, Point } from './face-models.ts';

/** First landmark of each eye: outer or inner corner, two points of the upper lid, other corner, two of the lower. */
const EYES = [36, 42] as const;

/**
 * Opening over width. Telling blinks of one person apart takes 0.2 (Soukupová and Čech 2016), but the open eyes of many
 * people are narrower than those it was found on, and nobody should be harder to capture for the shape of their eyes: what
 * is below this is closed on anyone. Measured on open eyes of four people: 0.25 to 0.45, squinting 0.18.
 */
const MIN_OPENING = 0.12;
/** The farther eye of a head turned by 45 degrees looks about half as wide as the nearer; below this it is hidden. */
const MIN_WIDTH_RATIO = 0.35;

/** Whether both eyes are in the picture, turned to it, and open. */
export function hasBothEyes(
  landmarks: Landmarks,
  picture: { readonly widthPx: number; readonly heightPx: number },
): boolean {
  const eyes = EYES.map((first) => landmarks.slice(first, first + 6));
  const isInside = ({ xPx, yPx }: Point) => xPx >= 0 && yPx >= 0 && xPx < picture.widthPx && yPx < picture.heightPx;
  if (!eyes.every((eye) => eye.length === 6 && eye.every(isInside))) return false;
  const [left = 0, right = 0] = eyes.map((eye) => distance(eye, 0, 3));
  if (Math.min(left, right) < MIN_WIDTH_RATIO * Math.max(left, right)) return false;
  return eyes.every((eye) => (distance(eye, 1, 5) + distance(eye, 2, 4)) / 2 >= MIN_OPENING * distance(eye, 0, 3));
}

/** How far the eyes are open: opening over width, mean of both. */
export function eyeOpening(landmarks: Landmarks): number {
  const openings = EYES.map((first) => {
    const eye = landmarks.slice(first, first + 6);
    return (distance(eye, 1, 5) + distance(eye, 2, 4)) / 2 / Math.max(1e-6, distance(eye, 0, 3));
  });
  return openings.reduce((sum, opening) => sum + opening, 0) / openings.length;
}

/** From the outer corner of one eye to that of the other, in pixels of the frame. */
export function eyeDistancePx(landmarks: Landmarks): number {
  return distance(landmarks, 36, 45);
}

function distance(eye: readonly Point[], from: number, to: number): number {
  const [a, b] = [eye[from], eye[to]];
  return a === undefined || b === undefined ? 0 : Math.hypot(a.xPx - b.xPx, a.yPx - b.yPx);
}
