import type { RgbFrame } from '@dipper/edge/vision/frame';
import { plateColour } from '@dipper/edge/vision/plates/plate-colour';
import {
  lineWidthPx,
  PLATE_DETECTOR,
  PLATE_RECOGNISER,
  plateDetectorInput,
  plateRecogniserInput,
} from '@dipper/edge/vision/plates/plate-input';
import { boxAround, type Quad, sizeOf } from '@dipper/edge/vision/plates/quad';
import { rectify } from '@dipper/edge/vision/plates/rectify';
import { textRegions } from '@dipper/edge/vision/plates/text-regions';
import { MANIFEST } from '@dipper/models/manifest';
import { plateSvg, plateWidthMm, styleOf } from '@dipper/simulator/scene/vehicle-plate';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';

function plain(widthPx: number, heightPx: number, ...colour: readonly [number, number, number]): RgbFrame {
  const rgb = new Uint8Array(widthPx * heightPx * 3).map((_, index) => colour[index % 3] ?? 0);
  return { widthPx, heightPx, rgb };
}

const quadOf = (...corners: readonly (readonly [number, number])[]): Quad =>
  corners.map(([xPx, yPx]) => ({ xPx, yPx })) as unknown as Quad;

describe('lines of text in the map of the detector', () => {
  /** A core of 0.9 in a map of 160 × 96, turned about its middle. */
  function mapWith(core: { x: number; y: number; width: number; height: number; degrees: number }, value = 0.9) {
    const map = new Float32Array(160 * 96);
    const angle = (core.degrees * Math.PI) / 180;
    for (let at = 0; at < map.length; at += 1) {
      const [x, y] = [(at % 160) - core.x, Math.floor(at / 160) - core.y];
      const [u, v] = [x * Math.cos(angle) + y * Math.sin(angle), y * Math.cos(angle) - x * Math.sin(angle)];
      if (Math.abs(u) <= core.width / 2 && Math.abs(v) <= core.height / 2) map[at] = value;
    }
    return map;
  }

  test.each([0, 12, -12, 30, -30])('are found at %d degrees, grown, read from left to right', (degrees) => {
    const [region, ...others] = textRegions(mapWith({ x: 80, y: 48, width: 60, height: 12, degrees }), 160, 96);
    expect(others).toEqual([]);
    expect(region?.score).toBeCloseTo(0.9, 5);
    const quad = region?.quad as Quad;
    const { widthPx, heightPx } = sizeOf(quad);
    // 60 × 12, grown by 60 × 12 × 1.6 / (2 × 72) = 8 to every side.
    expect(Math.abs(widthPx - 76)).toBeLessThan(4);
    expect(Math.abs(heightPx - 28)).toBeLessThan(4);
    const [upperLeft, upperRight] = quad;
    const slope = Math.atan2(upperRight.yPx - upperLeft.yPx, upperRight.xPx - upperLeft.xPx);
    expect(Math.abs((slope * 180) / Math.PI - degrees)).toBeLessThan(4);
    const box = boxAround(quad);
    expect(Math.abs(box.leftPx + box.widthPx / 2 - 80.5)).toBeLessThan(1.5);
    expect(Math.abs(box.topPx + box.heightPx / 2 - 48.5)).toBeLessThan(1.5);
  });

  test('what is weak or tiny is none', () => {
    expect(textRegions(mapWith({ x: 80, y: 48, width: 60, height: 12, degrees: 0 }, 0.45), 160, 96)).toEqual([]);
    expect(textRegions(mapWith({ x: 80, y: 48, width: 4, height: 1, degrees: 0 }), 160, 96)).toEqual([]);
    expect(textRegions(new Float32Array(160 * 96), 160, 96)).toEqual([]);
  });
});

describe('straightening', () => {
  /** Red says how far right, green how far down. */
  const ramp: RgbFrame = {
    widthPx: 100,
    heightPx: 100,
    rgb: new Uint8Array(30_000).map((_, at) => [Math.floor(at / 3) % 100, Math.floor(at / 300), 0][at % 3] ?? 0),
  };
  const at = (frame: RgbFrame, x: number, y: number) =>
    Array.from(frame.rgb.subarray((y * frame.widthPx + x) * 3).subarray(0, 2));

  test('of an upright rectangle is a crop', () => {
    const { rgb } = rectify(ramp, quadOf([20, 30], [60, 30], [60, 50], [20, 50]), 40, 20);
    expect(Array.from(rgb.subarray(0, 3))).toEqual([20, 30, 0]);
    expect(Array.from(rgb.subarray(-3))).toEqual([59, 49, 0]);
  });

  test('of a quad in perspective keeps corners, and the crossing of the diagonals in the middle', () => {
    // The right side is half as far away as the left one.
    const quad = quadOf([10, 40], [90, 20], [90, 80], [10, 60]);
    const straight = rectify(ramp, quad, 101, 101);
    const [right = 0, bottom = 0] = at(straight, 100, 100);
    expect(at(straight, 0, 0)).toEqual([10, 40]);
    expect(Math.max(90 - right, 80 - bottom)).toBeLessThanOrEqual(2);
    // Diagonals (10, 40)–(90, 80) and (90, 20)–(10, 60) cross at (30, 50); the middle of the sides would be at (50, 50).
    const [x = 0, y = 0] = at(straight, 50, 50);
    expect(Math.max(Math.abs(x - 30), Math.abs(y - 50))).toBeLessThanOrEqual(1);
  });

  test('beyond the border repeats it', () => {
    const { rgb } = rectify(ramp, quadOf([-20, 0], [20, 0], [20, 20], [-20, 20]), 40, 20);
    expect(Array.from(rgb.subarray(0, 3))).toEqual([0, 0, 0]);
  });
});

describe('the colour of the ground', () => {
  async function ground(plate: string, light = 1): Promise<RgbFrame> {
    const size = `width="${plateWidthMm(styleOf(plate))}" height="140"`;
    const { data, info } = await sharp(
      Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${size}>${plateSvg(plate)}</svg>`),
    )
      .removeAlpha()
      .linear(light, 0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { widthPx: info.width, heightPx: info.height, rgb: data };
  }

  test('is seen on plates, in the shade as well', async () => {
    for (const light of [1, 0.4]) {
      expect(plateColour(await ground('京A12345', light))).toBe('blue');
      expect(plateColour(await ground('京AD12345', light))).toBe('green');
    }
    expect(plateColour(plain(100, 30, 240, 180, 20))).toBe('yellow');
  });

  test('is unknown where there is none: infrared, white, black', () => {
    for (const grey of [10, 120, 245]) expect(plateColour(plain(100, 30, grey, grey, grey))).toBe('unknown');
  });
});

describe('what goes into the models', () => {
  test('planes are blue, green, red, normalised as PaddleOCR does', async () => {
    const input = await plateDetectorInput(plain(320, 180, 255, 128, 10), 640);
    expect([input.widthPx, input.heightPx]).toEqual([320, 192]);
    const pixels = input.widthPx * input.heightPx;
    expect(input.data).toHaveLength(3 * pixels);
    expect(input.data[0]).toBeCloseTo((10 / 255 - 0.485) / 0.229, 5);
    expect(input.data[pixels]).toBeCloseTo((128 / 255 - 0.456) / 0.224, 5);
    expect(input.data[2 * pixels]).toBeCloseTo((255 / 255 - 0.406) / 0.225, 5);
    const line = plateRecogniserInput(plain(96, 48, 255, 128, 0));
    expect([line[0], line[96 * 48 * 2]]).toEqual([-1, 1]);
  });

  test('pictures are scaled down to the side asked for, and never up', async () => {
    const sizes = await Promise.all(
      ([640, 960] as const).map(async (side) => plateDetectorInput(plain(1280, 720, 1, 2, 3), side)),
    );
    expect(sizes.map(({ widthPx, heightPx }) => [widthPx, heightPx])).toEqual([
      [640, 352],
      [960, 544],
    ]);
  });

  test('lines are 48 pixels high, in proportion, in whole steps', () => {
    expect(lineWidthPx({ widthPx: 440, heightPx: 140 })).toBe(152);
    expect(lineWidthPx({ widthPx: 10, heightPx: 10 })).toBe(96);
    expect(lineWidthPx({ widthPx: 1000, heightPx: 10 })).toBe(320);
  });

  test('names and heights agree with the manifest', () => {
    const models = MANIFEST.sets['plate-reading'];
    const [detection, recognition] = [models?.['plate-detection'], models?.['plate-recognition']];
    expect(detection).toMatchObject({
      inputs: [{ name: PLATE_DETECTOR.input }],
      outputs: [{ name: PLATE_DETECTOR.output }],
    });
    expect(recognition).toMatchObject({
      inputs: [{ name: PLATE_RECOGNISER.input, shape: [1, 3, PLATE_RECOGNISER.heightPx, 'any'] }],
      outputs: [{ name: PLATE_RECOGNISER.output }],
    });
  });
});
