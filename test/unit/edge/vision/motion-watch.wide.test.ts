import { createMotionWatch, type MotionWatchOptions } from '@dipper/edge/vision/motion-watch';
import { describe, expect, it } from 'vitest';
import { createNoise, HEIGHT_PX, street, throughH264, WIDTH_PX, withClock } from '../../../support/street-video.ts';

/** Somebody of this size, a little darker than the street, with the feet at these pixels. */
function withPerson(picture: Uint8Array, xPx: number, { widthPx = 36, heightPx = 100, steps = 25 } = {}): Uint8Array {
  const shown = new Uint8Array(picture);
  for (let y = 340 - heightPx; y < 340; y++) {
    for (let at = (y * WIDTH_PX + xPx) * 3; at < (y * WIDTH_PX + xPx + widthPx) * 3; at++) {
      shown[at] = Math.max(0, (shown[at] ?? 0) - steps);
    }
  }
  return shown;
}

const view = await street('day');
const noise = createNoise(6);
const empty = (count: number) => Array.from({ length: count }, (_, number) => noise(withClock(view, number % 8)));
const walking = (count: number) =>
  Array.from({ length: count }, (_, number) => noise(withPerson(withClock(view, number % 8), 100 + number * 60)));

/** Which pictures of two a second show motion, after what H.264 leaves of them. */
async function moving(pictures: readonly Uint8Array[], options?: MotionWatchOptions): Promise<number[]> {
  const watch = createMotionWatch(options);
  const frames = await throughH264(pictures, 30);
  return frames.flatMap((frame, number) => (watch.observe(number * 500, frame).isMoving ? [number] : []));
}

describe('motion', () => {
  it('is somebody who walks by, and not noise, a running clock or an encoder', async () => {
    const found = await moving([...empty(40), ...walking(6)]);
    expect(found.filter((number) => number < 40 && number > 4)).toEqual([]);
    expect(found.filter((number) => number >= 40)).toEqual([40, 41, 42, 43, 44, 45]);
  });

  it('is not a cloud before the sun', async () => {
    const dimmed = empty(30).map((picture, number) =>
      picture.map((value) => value * (1 - Math.min(number, 12) * 0.02)),
    );
    expect((await moving(dimmed)).filter((number) => number > 4)).toEqual([]);
  });

  it('in a mask, or beside all zones, does not count', async () => {
    const scene = [...empty(16), ...walking(6)];
    const right = [[0.5, 0], [1, 0], [1, 1], [0.5, 1]] as const; // biome-ignore format: a rectangle
    const left = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]] as const; // biome-ignore format: a rectangle
    const late = (numbers: readonly number[]) => numbers.filter((number) => number >= 16);
    // From x = 320 on, in the fifth picture, the walker is in the right half.
    expect(late(await moving(scene, { masks: [right] })).at(-1)).toBeLessThanOrEqual(19);
    expect(late(await moving(scene, { zones: [right] }))[0]).toBeGreaterThanOrEqual(18);
    expect(late(await moving(scene, { masks: [left, right] }))).toEqual([]);
  });

  it('counts from the less, the higher the sensitivity', async () => {
    const faint = [...empty(16), ...empty(2).map((picture) => withPerson(picture, 200, { steps: 6 }))];
    const found = async (sensitivity: number) =>
      (await moving(faint, { sensitivity })).filter((number) => number >= 16);
    expect(await found(40)).toEqual([]);
    expect(await found(90)).toEqual([16, 17]);
  });

  it('that stays becomes part of the street', async () => {
    const parked = empty(80).map((picture) => withPerson(picture, 200));
    const found = await moving([...empty(10), ...parked]);
    expect(found).toContain(10);
    expect(found.at(-1)).toBeLessThan(60);
  });
});

it('a picture of nothing is no error', () => {
  const rgb = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3);
  const watch = createMotionWatch({ masks: [[[0, 0], [1, 0], [1, 1], [0, 1]]] }); // biome-ignore format: a rectangle
  expect(watch.observe(0, { rgb, widthPx: WIDTH_PX, heightPx: HEIGHT_PX })).toEqual({ isMoving: false, score: 0 });
  expect(watch.observe(1, { rgb, widthPx: WIDTH_PX, heightPx: HEIGHT_PX })).toEqual({ isMoving: false, score: 0 });
});
