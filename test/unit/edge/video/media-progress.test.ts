import { expect, it } from 'vitest';
import { MediaProgress } from '../../../../edge/video/media-progress.ts';

/** @returns of pictures at these times, the number of the first at which time was found to stand; -1 for none */
function stoppedAt(timesMs: readonly number[]): number {
  const progress = new MediaProgress();
  return timesMs.findIndex((mediaMs) => progress.stands(mediaMs));
}

const pictures = (count: number, eachMs: number, fromMs = 0): number[] =>
  Array.from({ length: count }, (_, number) => fromMs + number * eachMs);

/** What a muxer makes of times that went back: one tick of 1/90,000 s. */
const TICK_MS = 1_000 / 90_000;

it('finds that time stands a few seconds after it went back, and not while it goes on at whatever rate', () => {
  const good = pictures(100, 40);
  expect(stoppedAt([...good, ...pictures(200, TICK_MS, good.at(-1))])).toBeGreaterThan(100);
  expect(stoppedAt([...good, ...pictures(200, TICK_MS, good.at(-1))])).toBeLessThan(200);
  for (const eachMs of [1_000, 40, 1_000 / 120]) expect(stoppedAt(pictures(1_000, eachMs))).toBe(-1);
});

it('lets pass a leap ahead, and pictures that come in another order than they are shown', () => {
  expect(stoppedAt([...pictures(100, 40), ...pictures(100, 40, 3_600_000)])).toBe(-1);
  const reordered = pictures(300, 40).map((mediaMs, number) => mediaMs + (number % 3 === 1 ? 80 : 0));
  expect(stoppedAt(reordered)).toBe(-1);
});
