import type { RgbFrame } from '@dipper/edge/vision/frame';
import type { PlateWorker } from '@dipper/edge/vision/plates/plate-worker';
import { plateSvg, rearPlateSvg } from '@dipper/simulator/scene/vehicle-plate';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPlateWorker } from '../support/plate-models.ts';

/* Drawn plates through the real models in their real thread. */
let worker: PlateWorker;
beforeAll(async () => {
  worker = await startPlateWorker();
});
afterAll(() => worker?.[Symbol.asyncDispose]());

/** A plate of so many pixels a millimetre on a dark bumper, with a sticker beside it. */
async function bumper(plate: string, pxPerMm: number): Promise<RgbFrame> {
  const { data } = await sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><rect width="640" height="360" fill="#6f7276"/>
      <rect x="110" y="40" width="420" height="280" rx="30" fill="#8c2b2b"/><rect x="110" y="150" width="420" height="160" fill="#202124"/>
      <rect x="180" y="60" width="60" height="24" fill="#eee"/><g transform="translate(250 190) scale(${pxPerMm})">${plate}</g></svg>`),
  )
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { widthPx: 640, heightPx: 360, rgb: new Uint8Array(data) };
}

async function read(plate: string, pxPerMm = 0.25) {
  const { plates } = await worker
    .forStream()
    .read(await bumper(plate, pxPerMm), { leftPx: 0, topPx: 0, widthPx: 640, heightPx: 360 });
  return plates;
}

test.each(['京A12345', '沪B6789C', '苏E8H3K6', '云D80645', '吉YZ0123'])(
  '%s, blue, is read where it is',
  async (text) => {
    const [plate, ...others] = await read(plateSvg(text));
    expect(others).toEqual([]);
    expect(plate).toMatchObject({ text, colour: 'blue' });
    expect(plate?.confidence).toBeGreaterThan(0.9);
    // 440 × 140 mm from (250, 190); the line of text is a little less.
    const { leftPx, topPx, widthPx, heightPx } = plate?.box ?? { leftPx: 0, topPx: 0, widthPx: 0, heightPx: 0 };
    expect(Math.abs(leftPx + widthPx / 2 - 305)).toBeLessThan(4);
    expect(Math.abs(topPx + heightPx / 2 - 207.5)).toBeLessThan(4);
  },
);

test.each(['京AD12345', '沪BF67890'])('%s, green, has eight characters', async (text) => {
  expect(await read(plateSvg(text))).toMatchObject([{ text, colour: 'green' }]);
});

test.each(['京A12345', '沪B6789C', '苏E8H3K6'])('%s in two rows, yellow, is read as one', async (text) => {
  expect(await read(rearPlateSvg(text), 0.3)).toMatchObject([{ text, colour: 'yellow' }]);
});

test('a plate too small to be read says that a larger picture is wanted', async () => {
  const frame = await bumper(plateSvg('沪BF67890'), 0.09);
  const { tooSmall } = await worker.forStream().read(frame, { leftPx: 0, topPx: 0, widthPx: 640, heightPx: 360 });
  expect(tooSmall.some(({ leftPx, topPx }) => Math.abs(leftPx - 250) < 8 && Math.abs(topPx - 190) < 8)).toBe(true);
});

test('no plate is read where there is none', async () => {
  expect(await read('<text x="20" y="100" font-size="90" fill="#fff">2026-11-24</text>')).toEqual([]);
  expect(await read('<rect width="440" height="140" fill="#0f46b4"/>')).toEqual([]);
});
