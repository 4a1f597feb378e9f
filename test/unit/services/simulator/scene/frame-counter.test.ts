import { expect, test } from 'vitest';
import {
  burnFrameCounter,
  hasSubMark,
  readFrameCounter,
} from '../../../../../services/simulator/scene/frame-counter.ts';
import { createPlanes } from '../../../../../services/simulator/scene/picture-planes.ts';

function greyRgb(widthPx: number, heightPx: number, counter?: number): Uint8Array {
  const picture = createPlanes(widthPx, heightPx);
  picture.y.fill(120);
  if (counter !== undefined) burnFrameCounter(picture, counter);
  return Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, index) => picture.y[Math.floor(index / 3)] ?? 0);
}

test.each([0, 1, 599, 0x5555, 0xaaaa, 65_535])('the counter %i reads back at both sizes', (counter) => {
  expect(readFrameCounter(greyRgb(1_280, 720, counter), 1_280, 720)).toBe(counter);
  expect(readFrameCounter(greyRgb(640, 360, counter), 640, 360)).toBe(counter);
});

test('a picture without counter or mark has none', () => {
  const rgb = greyRgb(640, 360);
  expect(readFrameCounter(rgb, 640, 360)).toBeUndefined();
  expect(hasSubMark(rgb, 640, 360)).toBe(false);
});
