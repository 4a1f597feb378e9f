import { hasBothEyes } from '@dipper/edge/vision/face-eyes';
import type { Landmarks } from '@dipper/edge/vision/face-models';
import { facePose } from '@dipper/edge/vision/face-pose';
import { assessFace } from '@dipper/edge/vision/face-quality';
import type { FaceWorker } from '@dipper/edge/vision/face-worker';
import type { Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frameOf, groupPhoto, startFaceWorker } from '../../../support/face-pictures.ts';

let worker: FaceWorker;
beforeAll(async () => {
  worker = await startFaceWorker();
});
afterAll(() => worker[Symbol.asyncDispose]());

/** The faces of a picture, judged, from left to right. */
async function assess(picture: Sharp) {
  const frame = await frameOf(picture);
  const faces = (await worker.detect(frame)).toSorted((a, b) => a.leftPx - b.leftPx);
  return Promise.all(faces.map(async (face) => assessFace(frame, face, await worker.landmarks(frame, face))));
}

describe('a face is judged', () => {
  test('adequate in a photograph, and down to faces of 28 pixels', async () => {
    for (const width of [600, 210]) {
      const judged = await assess((await groupPhoto()).resize(width));
      expect(judged.map(({ adequate }) => adequate)).toEqual([true, true, true]);
      expect(judged.every(({ quality }) => quality.bothEyes)).toBe(true);
    }
  });

  test('too small at 21 pixels', async () => {
    const judged = await assess((await groupPhoto()).resize(150));
    expect(judged.length).toBeGreaterThan(0);
    expect(judged.map(({ adequate }) => adequate)).toEqual(judged.map(() => false));
  });

  test('too blurred where features are gone', async () => {
    const judged = await assess((await groupPhoto()).blur(3));
    expect(judged.map(({ adequate }) => adequate)).toEqual([false, false, false]);
  });

  test('the better the sharper, the larger and the more upright', async () => {
    const score = async (picture: Sharp) => (await assess(picture))[1]?.quality.score ?? 0;
    const best = await score(await groupPhoto());
    expect(best).toBeGreaterThan(0.8);
    expect(best).toBeLessThanOrEqual(1);
    expect(await score((await groupPhoto()).blur(1.2))).toBeLessThan(best * 0.7);
    expect(await score((await groupPhoto()).resize(300))).toBeLessThan(best * 0.8);
    expect(await score((await groupPhoto()).rotate(-35, { background: '#555555' }))).toBeLessThan(best);
  });
});

/** The head of the pose model, turned and projected: what a perfect landmark model would say. */
function turnedHead(yawDeg: number, pitchDeg: number, rollDeg: number): Landmarks {
  const places: Record<number, readonly [number, number, number]> = {
    36: [-45, 0, 18],
    39: [-16, 1, 13],
    42: [16, 1, 13],
    45: [45, 0, 18],
    30: [0, 44, -16],
    33: [0, 55, 0],
    48: [-25, 76, 12],
    54: [25, 76, 12],
  };
  const [yaw, pitch, roll] = [yawDeg, pitchDeg, rollDeg].map((angle) => (angle * Math.PI) / 180) as [
    number,
    number,
    number,
  ];
  return Array.from({ length: 68 }, (_, landmark) => {
    const [x, y, z] = places[landmark] ?? [0, 0, 0];
    // Nod first, then turn, then tilt. Camera looks along +z; the nose points along −z.
    const [y1, z1] = [y * Math.cos(pitch) + z * Math.sin(pitch), -y * Math.sin(pitch) + z * Math.cos(pitch)];
    const [x2, y2] = [x * Math.cos(yaw) - z1 * Math.sin(yaw), y1];
    const [x3, y3] = [x2 * Math.cos(roll) - y2 * Math.sin(roll), x2 * Math.sin(roll) + y2 * Math.cos(roll)];
    return { xPx: 300 + 1.5 * x3, yPx: 200 + 1.5 * y3 };
  });
}

describe('the pose', () => {
  test.each([
    [0, 0, 0],
    [30, 0, 0],
    [-30, 0, 0],
    [0, 20, 0],
    [0, -20, 0],
    [0, 0, 25],
    [0, 0, -25],
  ])('of a head turned by yaw %i, pitch %i, roll %i', (yaw, pitch, roll) => {
    const pose = facePose(turnedHead(yaw, pitch, roll));
    expect(pose?.yawDeg).toBeCloseTo(yaw, 3);
    expect(pose?.pitchDeg).toBeCloseTo(pitch, 3);
    expect(pose?.rollDeg).toBeCloseTo(roll, 3);
  });

  test('of points that are all in one place is unknown', () => {
    expect(facePose(Array(68).fill({ xPx: 5, yPx: 5 }))).toBeUndefined();
  });
});

describe('both eyes', () => {
  const picture = { widthPx: 640, heightPx: 360 };
  const eyes = (opening: number, [leftWidth, rightWidth] = [20, 20], xPx = 300): Landmarks =>
    Array.from({ length: 68 }, (_, landmark) => {
      const [first, width, middle] = landmark < 42 ? [36, leftWidth, xPx] : [42, rightWidth, xPx + 50];
      const corner = [-0.5, -0.17, 0.17, 0.5, 0.17, -0.17][landmark - first] ?? 0;
      const lid = [0, -0.5, -0.5, 0, 0.5, 0.5][landmark - first] ?? 0;
      return { xPx: middle + corner * (width ?? 0), yPx: 100 + lid * opening * (width ?? 0) };
    });

  test('open, narrow ones too', () => {
    expect(hasBothEyes(eyes(0.3), picture)).toBe(true);
    expect(hasBothEyes(eyes(0.15), picture)).toBe(true);
  });
  test('closed', () => expect(hasBothEyes(eyes(0.08), picture)).toBe(false));
  test('one hidden behind the nose', () => expect(hasBothEyes(eyes(0.3, [20, 6]), picture)).toBe(false));
  test('one out of the picture', () => expect(hasBothEyes(eyes(0.3, [20, 20], 605), picture)).toBe(false));
});
