import { DETECTOR_INPUT, detectorInput, facesFromOutput } from '@dipper/edge/vision/face-detector';
import { LANDMARKER_INPUT, landmarkerInput } from '@dipper/edge/vision/face-landmarker';
import { MANIFEST } from '@dipper/models/manifest';
import { describe, expect, test } from 'vitest';

const WIDTH = 320;
const HEIGHT = 240;
function plain(...colour: readonly [number, number, number]) {
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3).map((_, index) => colour[index % 3] ?? 0);
  return { widthPx: WIDTH, heightPx: HEIGHT, rgb };
}

describe("the detector's input", () => {
  test('has planes in the order red, green, blue, (v − 127) / 128', async () => {
    const input = await detectorInput(plain(255, 127, 10));
    const plane = WIDTH * HEIGHT;
    expect(input).toHaveLength(3 * plane);
    expect([input[0], input[plane - 1]]).toEqual([1, 1]);
    expect([input[plane], input[2 * plane - 1]]).toEqual([0, 0]);
    expect([input[2 * plane], input[3 * plane - 1]]).toEqual([(10 - 127) / 128, (10 - 127) / 128]);
  });

  test('is stretched, not cut and not padded', async () => {
    const tall = { widthPx: 2, heightPx: 4, rgb: new Uint8Array(24).map((_, index) => (index < 12 ? 0 : 254)) };
    const input = await detectorInput(tall);
    const row = (y: number) => input.subarray(y * WIDTH, (y + 1) * WIDTH);
    expect(new Set(row(0))).toEqual(new Set([Math.fround(-127 / 128)]));
    expect(new Set(row(HEIGHT - 1))).toEqual(new Set([Math.fround(127 / 128)]));
  });
});

test("the landmark model's input is grey, v / 256", () => {
  const input = landmarkerInput(plain(200, 200, 200));
  expect(new Set(input)).toEqual(new Set([200 / 256]));
  const [red, blue] = [landmarkerInput(plain(255, 0, 0)), landmarkerInput(plain(0, 0, 255))];
  expect(red[0] ?? 0).toBeGreaterThan((blue[0] ?? 0) + 0.1);
});

test('names and shapes agree with the manifest', () => {
  const models = MANIFEST.sets['face-capture'];
  for (const [name, { name: input, shape }] of [
    ['face-detection', DETECTOR_INPUT],
    ['face-landmarks', LANDMARKER_INPUT],
  ] as const) {
    expect(models?.[name]?.inputs[0]).toMatchObject({ name: input, shape: [...shape] });
  }
});

describe("the detector's output", () => {
  const frame = { widthPx: 1000, heightPx: 500 };
  const faces = (...rows: readonly (readonly [score: number, ...sides: number[]])[]) =>
    facesFromOutput(
      Float32Array.from(rows.flatMap(([score]) => [1 - score, score])),
      Float32Array.from(rows.flatMap(([, ...sides]) => sides)),
      frame,
    );

  test('becomes boxes in pixels, best first, one per face', () => {
    const found = faces(
      [0.7, 0.1, 0.2, 0.2, 0.4],
      [0.9, 0.11, 0.2, 0.21, 0.4],
      [0.95, 0.5, 0.5, 0.6, 0.7],
      [0.6, 0.8, 0.8, 0.9, 0.9],
    );
    expect(found.map(({ score }) => Math.fround(score))).toEqual([0.95, 0.9].map(Math.fround));
    expect(found[0]?.leftPx).toBeCloseTo(500, 3);
    expect(found[0]?.topPx).toBeCloseTo(250, 3);
    expect(found[0]?.widthPx).toBeCloseTo(100, 3);
    expect(found[0]?.heightPx).toBeCloseTo(100, 3);
  });

  test('two people who stand close stay two', () => {
    expect(faces([0.9, 0.1, 0.2, 0.2, 0.4], [0.8, 0.15, 0.2, 0.25, 0.4])).toHaveLength(2);
  });

  test('boxes are clipped to the picture, and those outside are dropped', () => {
    const [box, ...others] = faces([0.9, -0.05, -0.1, 0.1, 0.2], [0.9, 1.2, 0.1, 1.4, 0.2], [0.9, 0.5, 0.5, 0.4, 0.6]);
    expect(box).toMatchObject({ leftPx: 0, topPx: 0 });
    expect(box?.widthPx).toBeCloseTo(100, 3);
    expect(others).toEqual([]);
  });
});
