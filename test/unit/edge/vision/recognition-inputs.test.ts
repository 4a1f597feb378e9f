import { ALIGNED_SIDE_PX, alignFace } from '@dipper/edge/vision/face-alignment';
import { EMBEDDER_INPUT, embedderInput, templateFromOutput } from '@dipper/edge/vision/face-embedder';
import {
  cropForLiveness,
  LIVENESS_INPUT,
  livenessInput,
  livenessRegion,
  liveScoreFromOutput,
} from '@dipper/edge/vision/face-liveness';
import type { Landmarks } from '@dipper/edge/vision/face-models';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { applySimilarity, fitSimilarity } from '@dipper/edge/vision/similarity-transform';
import { MANIFEST } from '@dipper/models/manifest';
import { describe, expect, test } from 'vitest';

function plain(sidePx: number, ...colour: readonly [number, number, number]): RgbFrame {
  const rgb = new Uint8Array(sidePx * sidePx * 3).map((_, index) => colour[index % 3] ?? 0);
  return { widthPx: sidePx, heightPx: sidePx, rgb };
}

/** Landmarks whose five points lie where the template has them, turned and scaled about the origin. */
function landmarksAt(scale: number, rollDeg: number, rightPx: number, downPx: number): Landmarks {
  const template = [
    { xPx: 38.2946, yPx: 51.6963 },
    { xPx: 73.5318, yPx: 51.5014 },
    { xPx: 56.0252, yPx: 71.7366 },
    { xPx: 41.5493, yPx: 92.3655 },
    { xPx: 70.7299, yPx: 92.2041 },
  ];
  const roll = (rollDeg * Math.PI) / 180;
  const transform = { a: scale * Math.cos(roll), b: scale * Math.sin(roll), rightPx, downPx };
  const five = template.map((point) => applySimilarity(transform, point));
  const points = Array.from({ length: 68 }, () => ({ xPx: 0, yPx: 0 }));
  const groups = [[37, 38, 40, 41], [43, 44, 46, 47], [30], [48, 60], [54, 64]];
  for (const [which, indices] of groups.entries())
    for (const index of indices) points[index] = five[which] ?? { xPx: 0, yPx: 0 };
  return points;
}

test('names and shapes agree with the manifest', () => {
  const models = MANIFEST.sets['access-control'];
  expect(models?.['face-embedding']?.inputs[0]).toMatchObject({ name: 'input', shape: [...EMBEDDER_INPUT.shape] });
  expect(models?.['face-liveness']?.inputs[0]).toMatchObject({ name: 'input', shape: [...LIVENESS_INPUT.shape] });
});

describe('an aligned face', () => {
  test('is found again wherever and however turned it stands', () => {
    // A picture whose red and green tell where a pixel lies.
    const sidePx = 250;
    const rgb = new Uint8Array(sidePx * sidePx * 3);
    for (let y = 0; y < sidePx; y += 1) for (let x = 0; x < sidePx; x += 1) rgb.set([x, y, 0], (y * sidePx + x) * 3);
    for (const [scale, rollDeg, rightPx, downPx] of [
      [1, 0, 40, 30],
      [1.5, 20, 70, 10],
      [0.6, -35, 20, 120],
    ] as const) {
      const aligned = alignFace(
        { widthPx: sidePx, heightPx: sidePx, rgb },
        landmarksAt(scale, rollDeg, rightPx, downPx),
      );
      const roll = (rollDeg * Math.PI) / 180;
      const expected = applySimilarity(
        { a: scale * Math.cos(roll), b: scale * Math.sin(roll), rightPx, downPx },
        { xPx: 56, yPx: 72 },
      );
      const at = (72 * ALIGNED_SIDE_PX + 56) * 3;
      expect(Math.abs((aligned.rgb[at] ?? 0) - expected.xPx)).toBeLessThan(1);
      expect(Math.abs((aligned.rgb[at + 1] ?? 0) - expected.yPx)).toBeLessThan(1);
    }
  });

  test('repeats the edge of the picture where the face leaves it', () => {
    const aligned = alignFace(plain(60, 9, 8, 7), landmarksAt(1, 0, -30, -30));
    expect(new Set(aligned.rgb)).toEqual(new Set([9, 8, 7]));
  });

  test('cannot be had from landmarks that fall together', () => {
    const points = Array.from({ length: 68 }, () => ({ xPx: 5, yPx: 5 }));
    expect(() => alignFace(plain(60, 1, 1, 1), points)).toThrow(expect.objectContaining({ code: 'FRAME_INVALID' }));
  });
});

test('a similarity keeps its parts', () => {
  const from = [
    { xPx: 0, yPx: 0 },
    { xPx: 10, yPx: 0 },
    { xPx: 0, yPx: 5 },
  ];
  const transform = { a: 0.8, b: -0.3, rightPx: 12, downPx: -4 };
  const found = fitSimilarity(
    from,
    from.map((point) => applySimilarity(transform, point)),
  );
  for (const part of ['a', 'b', 'rightPx', 'downPx'] as const) expect(found?.[part]).toBeCloseTo(transform[part], 9);
});

describe("the embedding's input and output", () => {
  test('has planes in the order red, green, blue, (v − 127) / 128', () => {
    const input = embedderInput(plain(ALIGNED_SIDE_PX, 255, 127, 10));
    const plane = ALIGNED_SIDE_PX ** 2;
    expect([input[0], input[plane], input[2 * plane]]).toEqual([1, 0, (10 - 127) / 128]);
  });

  test('becomes a vector of unit length', () => {
    const template = templateFromOutput(Float32Array.from({ length: 512 }, (_, index) => index - 200));
    expect(Math.hypot(...template)).toBeCloseTo(1, 6);
    expect(() => templateFromOutput(new Float32Array(512))).toThrow(
      expect.objectContaining({ code: 'MODEL_UNUSABLE' }),
    );
  });
});

describe("the liveness model's input", () => {
  test('has planes in the order blue, green, red, as they are', async () => {
    const input = await livenessInput(plain(200, 250, 120, 10));
    const plane = 128 * 128;
    expect([input[0], input[plane], input[2 * plane]]).toEqual([10, 120, 250]);
  });

  test('is 2.7 times the face, moved into the picture at its edges, and less where it does not fit', () => {
    const picture = { widthPx: 1000, heightPx: 500 };
    expect(livenessRegion({ leftPx: 450, topPx: 200, widthPx: 100, heightPx: 100 }, picture)).toEqual({
      ...{ leftPx: 365, topPx: 115, widthPx: 270, heightPx: 270 },
    });
    expect(livenessRegion({ leftPx: 0, topPx: 0, widthPx: 100, heightPx: 100 }, picture)).toMatchObject({
      ...{ leftPx: 0, topPx: 0, widthPx: 270 },
    });
    const large = livenessRegion({ leftPx: 300, topPx: 50, widthPx: 400, heightPx: 400 }, picture);
    expect(large.heightPx).toBeCloseTo(499, 6);
    expect(large.topPx + large.heightPx).toBeLessThanOrEqual(500);
    const crop = cropForLiveness(plain(300, 1, 2, 3), { leftPx: 100, topPx: 100, widthPx: 80, heightPx: 80 });
    expect([crop.widthPx, crop.heightPx]).toEqual([216, 216]);
  });

  test('the score is the softmax of the first of three classes', () => {
    expect(liveScoreFromOutput(Float32Array.of(0, 0, 0))).toBeCloseTo(1 / 3, 6);
    expect(liveScoreFromOutput(Float32Array.of(100, 0, 0))).toBeCloseTo(1, 6);
    expect(liveScoreFromOutput(Float32Array.of(0, 800, 0))).toBe(0);
  });
});
