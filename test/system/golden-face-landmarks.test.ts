import type { Landmarks } from '@dipper/edge/vision/face-models';
import { facePose } from '@dipper/edge/vision/face-pose';
import type { FaceWorker } from '@dipper/edge/vision/face-worker';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { frameOf, groupPhoto, startFaceWorker } from '../support/face-pictures.ts';

/*
 * Real faces through the real pipeline, each from a fixed box. The positions were taken from points drawn on the picture and
 * looked at. A single colour instead of grey moves points by up to 1.1 pixels, a box larger by a tenth by 2.1, one that is a
 * pixel off by 0.4, another normalisation by 20.
 */
const TOLERANCE_PX = 0.15;

/** Of the middle one: outer corners of the eyes, tip of the nose, corners of the mouth, chin. */
const MIDDLE_BOX = { leftPx: 229.4, topPx: 122.8, widthPx: 86.1, heightPx: 125.1 };
const MIDDLE_POINTS: readonly (readonly [landmark: number, xPx: number, yPx: number])[] = [
  [36, 247.63, 173.57],
  [45, 301.03, 165.82],
  [30, 275.62, 199.44],
  [48, 260.76, 217.46],
  [54, 295.77, 211.58],
  [8, 280.4, 250.69],
];
const RIGHT_BOX = { leftPx: 461.9, topPx: 52.6, widthPx: 81.4, heightPx: 113.3 };
const RIGHT_POINTS: typeof MIDDLE_POINTS = [
  [36, 476.64, 94.72],
  [45, 525.84, 96.04],
  [30, 499.72, 117.1],
  [48, 484.38, 136.02],
  [54, 514.6, 136.31],
];

let worker: FaceWorker;
let photo: RgbFrame;
beforeAll(async () => {
  worker = await startFaceWorker();
  photo = await frameOf(await groupPhoto());
});
afterAll(() => worker[Symbol.asyncDispose]());

function expectPoints(landmarks: Landmarks, points: typeof MIDDLE_POINTS): void {
  for (const [landmark, xPx, yPx] of points) {
    const point = landmarks[landmark];
    const distance = Math.hypot((point?.xPx ?? 0) - xPx, (point?.yPx ?? 0) - yPx);
    expect(distance, `landmark ${landmark}: ${point?.xPx}, ${point?.yPx}`).toBeLessThan(TOLERANCE_PX);
  }
}

test('eyes, nose, mouth and chin lie where they are', async () => {
  const landmarks = await worker.landmarks(photo, MIDDLE_BOX);
  expect(landmarks).toHaveLength(68);
  expectPoints(landmarks, MIDDLE_POINTS);
  expectPoints(await worker.landmarks(photo, RIGHT_BOX), RIGHT_POINTS);
});

test('the pose follows the head: tilted with the picture, turned the other way in its mirror', async () => {
  const pose = facePose(await worker.landmarks(photo, MIDDLE_BOX));
  // The middle one holds his head a little tilted to the left of the picture, chin down, and looks at us.
  expect(pose?.rollDeg).toBeCloseTo(-4, -1);
  expect(Math.abs(pose?.yawDeg ?? 90)).toBeLessThan(10);

  const tilted = await frameOf((await groupPhoto()).rotate(20, { background: '#555555' }));
  const [face] = (await worker.detect(tilted)).toSorted((a, b) => a.leftPx - b.leftPx);
  if (face === undefined) throw new Error('no face in the tilted picture');
  const left = facePose(await worker.landmarks(photo, { leftPx: 49.3, topPx: 76.7, widthPx: 83.3, heightPx: 126.7 }));
  const leftTilted = facePose(await worker.landmarks(tilted, face));
  expect(Math.abs((leftTilted?.rollDeg ?? 0) - (left?.rollDeg ?? 0) - 20)).toBeLessThan(6);
});
