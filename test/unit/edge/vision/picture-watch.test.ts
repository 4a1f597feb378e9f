import type { RgbFrame } from '@dipper/edge/vision/frame';
import { createPictureWatch } from '@dipper/edge/vision/picture-watch';
import { describe, expect, test } from 'vitest';
import { createNoise, FRAMES_PER_SEC, street, throughH264, withClock } from '../../../support/street-video.ts';

/** Every change of state, as `state@second (since second)`. */
function watch(frames: readonly RgbFrame[]): string[] {
  const pictures = createPictureWatch();
  return frames.flatMap((frame, index) => {
    const atMs = (index * 1000) / FRAMES_PER_SEC;
    const { state, sinceMs, changed } = pictures.observe(atMs, frame);
    return changed ? [`${state}@${atMs / 1000} (since ${sinceMs / 1000})`] : [];
  });
}

/** So many seconds of frames, each drawn anew. */
function seconds(count: number, draw: (frameNumber: number) => Uint8Array, from = 0): Uint8Array[] {
  return Array.from({ length: count * FRAMES_PER_SEC }, (_, index) => draw(from * FRAMES_PER_SEC + index));
}

describe('through H.264', () => {
  test.each([
    ['day', 1, 34],
    ['day', 4, 28],
    ['night', 1, 34],
  ] as const)(
    'a still street by %s with noise of %i steps (quantiser %i) raises nothing',
    async (view, sigma, quantiser) => {
      const [picture, noise] = [await street(view), createNoise(sigma)];
      const frames = await throughH264(
        seconds(30, () => noise(picture)),
        quantiser,
      );
      expect(frames).toHaveLength(30 * FRAMES_PER_SEC);
      expect(watch(frames)).toEqual([]);
    },
  );

  test('a picture frozen behind a running clock is recognised, and that it lives again', async () => {
    const [picture, noise] = [await street('day'), createNoise(3)];
    const frozen = noise(picture);
    const frames = await throughH264(
      [
        ...seconds(6, (frame) => withClock(noise(picture), frame)),
        ...seconds(26, (frame) => withClock(frozen, frame), 6),
        ...seconds(18, (frame) => withClock(noise(picture), frame), 32),
      ],
      30,
    );
    const changes = watch(frames);
    expect(changes).toHaveLength(2);
    const [frozenAt = 0, since = 0] = (changes[0]?.match(/[\d.]+/g) ?? []).map(Number);
    expect(changes[0]).toMatch(/^frozen@/);
    expect(frozenAt).toBeGreaterThanOrEqual(6 + 15);
    expect(frozenAt).toBeLessThanOrEqual(6 + 15 + 10);
    expect(since).toBeGreaterThanOrEqual(6);
    expect(since).toBeLessThanOrEqual(frozenAt - 15);
    expect(changes[1]).toMatch(/^ok@4[5-8]/);
  });

  test('a covered lens is recognised behind a running clock, and that it is free again', async () => {
    const [open, covered, noise] = [await street('day'), await street('covered'), createNoise(4)];
    const frames = await throughH264(
      [
        ...seconds(4, (frame) => withClock(noise(open), frame)),
        ...seconds(20, (frame) => withClock(noise(covered), frame), 4),
        ...seconds(4, (frame) => withClock(noise(open), frame), 24),
      ],
      30,
    );
    expect(watch(frames)).toEqual(['covered@7 (since 4)', 'ok@26 (since 24)']);
  });
});

describe('the verdict', () => {
  const noise = createNoise(4);
  const scene = street('day');
  const frameOf = (rgb: Uint8Array): RgbFrame => ({ widthPx: 640, heightPx: 360, rgb });
  const live = async () => frameOf(noise(await scene));
  const empty = () => frameOf(new Uint8Array(640 * 360 * 3).fill(12));

  test('frozen comes with the third repetition, and dates from the picture that is repeated', async () => {
    const watching = createPictureWatch({ frozenAfterMs: 4000 });
    const frozen = await live();
    watching.observe(0, await live());
    for (let atMs = 1000; atMs <= 6000; atMs += 1000) {
      expect(watching.observe(atMs, frozen)).toEqual({ state: 'ok', sinceMs: 0, changed: false });
    }
    expect(watching.observe(7000, frozen)).toEqual({ state: 'frozen', sinceMs: 1000, changed: true });
    expect(watching.observe(8000, frozen)).toEqual({ state: 'frozen', sinceMs: 1000, changed: false });
  });

  test('a frozen picture that twitches stays frozen; one that lives for a while is fine again', async () => {
    const watching = createPictureWatch({ frozenAfterMs: 4000, unfrozenAfterMs: 3000 });
    const frozen = await live();
    for (let atMs = 0; atMs <= 8000; atMs += 1000) watching.observe(atMs, frozen);
    expect(watching.observe(9000, await live())).toMatchObject({ state: 'frozen' });
    expect(watching.observe(10_000, await live())).toMatchObject({ state: 'frozen' });
    expect(watching.observe(11_000, frozen)).toMatchObject({ state: 'frozen' });
    expect(watching.observe(12_000, await live())).toMatchObject({ state: 'frozen' });
    expect(watching.observe(13_000, await live())).toMatchObject({ state: 'frozen' });
    expect(watching.observe(14_000, await live())).toEqual({ state: 'ok', sinceMs: 11_000, changed: true });
  });

  test('a covered picture is covered, however still it is, and a passing shadow is nothing', async () => {
    const watching = createPictureWatch({ frozenAfterMs: 4000 });
    watching.observe(0, await live());
    watching.observe(1000, empty());
    watching.observe(2900, empty());
    expect(watching.observe(3900, await live())).toMatchObject({ state: 'ok' });
    watching.observe(5000, empty());
    expect(watching.observe(8000, empty())).toEqual({ state: 'covered', sinceMs: 5000, changed: true });
    expect(watching.observe(60_000, empty())).toMatchObject({ state: 'covered', changed: false });
    watching.observe(61_000, await live());
    expect(watching.observe(63_000, await live())).toEqual({ state: 'ok', sinceMs: 61_000, changed: true });
  });

  test('a stream that starts over, or changes its size, is no freeze', async () => {
    const watching = createPictureWatch({ frozenAfterMs: 4000 });
    const frozen = await live();
    for (let atMs = 0; atMs <= 5000; atMs += 1000) watching.observe(atMs, frozen);
    const half = { widthPx: 320, heightPx: 360, rgb: frozen.rgb.subarray(0, 320 * 360 * 3) };
    for (let atMs = 6000; atMs <= 10_000; atMs += 1000) {
      expect(watching.observe(atMs, half)).toMatchObject({ state: 'ok' });
    }
    expect(watching.observe(0, half)).toEqual({ state: 'ok', sinceMs: 0, changed: false });
    expect(watching.observe(4000, half)).toMatchObject({ state: 'ok' });
  });

  test('frames closer than the interval are passed over; a broken one is refused', async () => {
    const watching = createPictureWatch();
    watching.observe(0, await live());
    expect(watching.observe(200, { widthPx: 640, heightPx: 360, rgb: new Uint8Array(5) })).toMatchObject({
      state: 'ok',
    });
    expect(() => watching.observe(1000, { widthPx: 640, heightPx: 360, rgb: new Uint8Array(5) })).toThrow(
      expect.objectContaining({ code: 'FRAME_INVALID' }),
    );
  });
});
