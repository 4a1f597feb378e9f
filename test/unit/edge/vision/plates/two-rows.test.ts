import { type Quad, sizeOf } from '@dipper/edge/vision/plates/quad';
import { lowerRowAlone } from '@dipper/edge/vision/plates/two-rows';
import { expect, test } from 'vitest';

const line = (widthPx: number, heightPx: number): Quad => [
  { xPx: 100, yPx: 200 },
  { xPx: 100 + widthPx, yPx: 200 },
  { xPx: 100 + widthPx, yPx: 200 + heightPx },
  { xPx: 100, yPx: 200 + heightPx },
];

test("a line that reaches into the upper row is cut down to the lower row's height, from above", () => {
  const alone = lowerRowAlone(line(88, 40));
  expect(alone?.[2]).toEqual({ xPx: 188, yPx: 240 });
  expect(sizeOf(alone as Quad)).toEqual({ widthPx: 88, heightPx: 32 });
});

test('a line as high as a row is left alone', () => {
  expect(lowerRowAlone(line(112, 40))).toBeUndefined();
});
