import type { FaceBox } from '@dipper/edge/vision/face-models';
import type { FaceWorker } from '@dipper/edge/vision/face-worker';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { frameOf, groupPhoto, startFaceWorker } from '../support/face-pictures.ts';

/*
 * Real pictures through the real pipeline. The values were taken from boxes drawn on the pictures and looked at: each goes
 * from the hair line to below the chin and from ear to ear. Blue for red moves a side by up to 3.1 pixels and the far score
 * by 0.032; other normalisations by 3.6 pixels and 0.036; a letterbox instead of stretching by 20 pixels.
 */
let worker: FaceWorker;
beforeAll(async () => {
  worker = await startFaceWorker();
});
afterAll(() => worker[Symbol.asyncDispose]());

async function facesFromLeft(frame: RgbFrame): Promise<FaceBox[]> {
  return (await worker.detect(frame)).toSorted((a, b) => a.leftPx - b.leftPx);
}

function expectBox(
  box: FaceBox | undefined,
  sides: readonly [number, number, number, number],
  tolerancePx = 0.4,
): void {
  expect(box).toBeDefined();
  if (box === undefined) return;
  const { leftPx, topPx, widthPx, heightPx } = box;
  for (const [index, side] of [leftPx, topPx, leftPx + widthPx, topPx + heightPx].entries()) {
    expect(Math.abs(side - (sides[index] ?? 0)), `side ${index}: ${side}`).toBeLessThan(tolerancePx);
  }
}

test('three faces of a group photograph are found where they are', async () => {
  const faces = await facesFromLeft(await frameOf(await groupPhoto()));
  expect(faces).toHaveLength(3);
  expectBox(faces[0], [49.3, 76.7, 132.6, 203.4]);
  expectBox(faces[1], [229.4, 122.8, 315.6, 247.9]);
  expectBox(faces[2], [461.9, 52.6, 543.3, 166.0]);
  for (const { score } of faces) expect(score).toBeGreaterThan(0.9995);
});

test('far away, 22 pixels wide, two of them are still found, with scores that tell the colour order', async () => {
  // The third gets 0.59, below what counts as a face.
  const far = (await groupPhoto())
    .resize(150, 86)
    .extend({ top: 200, bottom: 200, left: 300, right: 300, background: '#6b6b6b' });
  const faces = await facesFromLeft(await frameOf(far));
  expect(faces).toHaveLength(2);
  expectBox(faces[0], [311.5, 218.6, 333.9, 246.7]);
  expectBox(faces[1], [415.9, 212.2, 436.9, 241.8]);
  expect(Math.abs((faces[0]?.score ?? 0) - 0.9331)).toBeLessThan(0.003);
  expect(Math.abs((faces[1]?.score ?? 0) - 0.8086)).toBeLessThan(0.003);
});

test('there are no faces where there are none', async () => {
  const { widthPx, heightPx, rgb } = await frameOf(await groupPhoto());
  // The lower part of the picture: shirts, books, a shelf.
  const top = 255;
  const shirts = { widthPx, heightPx: heightPx - top, rgb: rgb.subarray(top * widthPx * 3) };
  expect(await worker.detect(shirts)).toEqual([]);
  expect(await worker.detect({ widthPx: 640, heightPx: 360, rgb: new Uint8Array(640 * 360 * 3).fill(110) })).toEqual(
    [],
  );
});

test('a frame whose bytes do not fit its size is refused', async () => {
  const frame = { widthPx: 320, heightPx: 240, rgb: new Uint8Array(320 * 240 * 4) };
  await expect(worker.detect(frame)).rejects.toMatchObject({ code: 'FRAME_INVALID' });
  await expect(worker.detect({ ...frame, widthPx: 0 })).rejects.toMatchObject({ code: 'FRAME_INVALID' });
});
