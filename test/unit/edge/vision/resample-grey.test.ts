import { resampleGrey } from '@dipper/edge/vision/resample-grey';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';

function resampled(from: readonly number[], widthPx: number, heightPx: number, toWidthPx: number, toHeightPx: number) {
  const into = new Float32Array(toWidthPx * toHeightPx);
  resampleGrey(Float32Array.from(from), { widthPx, heightPx }, into, { widthPx: toWidthPx, heightPx: toHeightPx });
  return into;
}

/** Some texture, the same in every run. */
const texture = (widthPx: number, heightPx: number) =>
  Array.from({ length: widthPx * heightPx }, (_, at) => {
    const [x, y] = [at % widthPx, Math.floor(at / widthPx)];
    return Math.round(127 + 60 * Math.sin(x / 5) * Math.cos(y / 7) + 40 * Math.sin((x + 2 * y) / 3));
  });

describe('grey, scaled', () => {
  test.each([
    [8, 8, 3, 5],
    [3, 3, 9, 7],
    [2, 1, 64, 64],
  ])('of one tone keeps it: %i × %i to %i × %i', (widthPx, heightPx, toWidthPx, toHeightPx) => {
    const plane = resampled(Array(widthPx * heightPx).fill(77), widthPx, heightPx, toWidthPx, toHeightPx);
    for (const value of plane) expect(value).toBeCloseTo(77, 3);
  });

  test('keeps what lies in the middle in the middle', () => {
    const ramp = Array.from({ length: 16 }, (_, x) => x * 10);
    // Centres of two pixels lie between those of the one made of them, and the other way round.
    expect(resampled(ramp, 16, 1, 8, 1)[4]).toBeCloseTo(85, 1);
    expect(resampled(ramp, 16, 1, 32, 1)[16]).toBeCloseTo(77.5, 1);
  });

  test('is what libvips makes of it, within two steps of 256, where it is scaled down', async () => {
    const [widthPx, heightPx] = [83, 117];
    const plane = texture(widthPx, heightPx);
    const theirs = await sharp(Uint8Array.from(plane), { raw: { width: widthPx, height: heightPx, channels: 1 } })
      .resize(64, 64, { fit: 'fill' })
      .extractChannel(0)
      .raw()
      .toBuffer();
    const ours = resampled(plane, widthPx, heightPx, 64, 64);
    expect(Math.max(...ours.map((value, at) => Math.abs(value - (theirs[at] ?? 0))))).toBeLessThan(2);
  });
});
