import { expect, it } from 'vitest';
import { createPicturePace } from '../../../../../services/console/live/picture-pace.ts';

type Picture = readonly ['init' | 'key' | 'delta', number];

/** @returns what is known after each picture */
function paceOf(pictures: readonly Picture[]): (number | undefined)[] {
  const pace = createPicturePace();
  return pictures.map(([kind, atMs]) => {
    pace.observe({ kind, atMs });
    return pace.everyMs();
  });
}

it('sees key frames that come alone, from the first gap on, and that all come again', () => {
  const pictures = [
    ...[
      ['init', 0],
      ['key', 0],
      ['delta', 40],
      ['delta', 80],
      ['key', 4_000],
      ['key', 8_010],
    ],
    ...[
      ['key', 12_000],
      ['delta', 12_040],
      ['key', 16_000],
    ],
  ] as const;
  expect(paceOf(pictures)).toEqual([
    ...[undefined, undefined, undefined, undefined, 4_000, 4_010],
    ...[3_990, undefined, 4_000],
  ]);
});

it('is not misled by a camera that films slowly, by one of key frames alone, or by a group that is sent once more', () => {
  const slow = [
    ['key', 0],
    ['delta', 1_000],
    ['delta', 2_000],
    ['key', 3_000],
    ['delta', 4_000],
  ] as const;
  const allKeys = [
    ['key', 0],
    ['key', 40],
    ['key', 80],
  ] as const;
  for (const pictures of [slow, allKeys]) expect(paceOf(pictures).every((ms) => ms === undefined)).toBe(true);
  const again = [
    ['key', 0],
    ['key', 4_000],
    ['init', 4_000],
    ['key', 4_000],
    ['key', 8_000],
  ] as const;
  expect(paceOf(again)).toEqual([undefined, 4_000, 4_000, 4_000, 4_000]);
});
