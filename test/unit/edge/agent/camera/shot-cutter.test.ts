import { expect, test } from 'vitest';
import { surroundingsOf } from '../../../../../edge/agent/camera/shot-cutter.ts';

const picture = { widthPx: 1_920, heightPx: 1_080 };

test('what is decoded around a face holds the margin of its picture, in whole even pixels', () => {
  const face = { leftPx: 901.3, topPx: 400.7, widthPx: 103, heightPx: 141.9 };
  const { leftPx, topPx, widthPx, heightPx } = surroundingsOf(face, picture);
  expect([leftPx, topPx, widthPx, heightPx].every((value) => value % 2 === 0)).toBe(true);
  expect(leftPx).toBeLessThan(face.leftPx - 0.5 * face.widthPx);
  expect(leftPx + widthPx).toBeGreaterThan(face.leftPx + 1.5 * face.widthPx);
  expect(topPx).toBeLessThan(face.topPx - 0.5 * face.heightPx);
  expect(topPx + heightPx).toBeGreaterThan(face.topPx + 1.5 * face.heightPx);
  expect(widthPx * heightPx).toBeLessThan((1_920 * 1_080) / 5);
});

test('it lies within the picture, wherever the face stands and however large it is', () => {
  const corner = surroundingsOf({ leftPx: -10, topPx: 1_000, widthPx: 90, heightPx: 120 }, picture);
  expect(corner).toMatchObject({ leftPx: 0 });
  expect(corner.topPx + corner.heightPx).toBe(1_080);
  expect(surroundingsOf({ leftPx: 500, topPx: 100, widthPx: 700, heightPx: 900 }, picture)).toEqual({
    ...{ leftPx: 0, topPx: 0 },
    ...picture,
  });
  expect(surroundingsOf({ leftPx: 1_900, topPx: 10, widthPx: 12, heightPx: 16 }, picture).widthPx).toBeGreaterThan(100);
});
