import { floodsIn, peakWithin } from '@dipper/hub/domains/alarm-figures/alarm-flood';
import { describe, expect, it } from 'vitest';

const MINUTE_MS = 60_000;
const limits = { flood: { alarms: 10, withinMin: 10, endsBelow: 5 }, operators: 1 };
const minutes = (...at: number[]): number[] => at.map((minute) => minute * MINUTE_MS);
const several = (count: number, minute: number): number[] => Array.from({ length: count }, () => minute * MINUTE_MS);

describe('a flood', () => {
  it('is more than ten in ten minutes, not ten', () => {
    expect(floodsIn(several(10, 1), limits, 5 * MINUTE_MS)).toEqual([]);
    expect(floodsIn(several(11, 1), limits, 5 * MINUTE_MS)).toEqual([
      { fromMs: MINUTE_MS, untilMs: undefined, alarms: 11, peak: 11 },
    ]);
    expect(floodsIn([...several(6, 0), ...several(5, 10)], limits, 30 * MINUTE_MS)).toEqual([]);
  });

  it('is over when fewer than five are left of ten minutes', () => {
    const announced = [...several(7, 1), ...minutes(2, 3, 4, 5)];
    expect(floodsIn(announced, limits, 30 * MINUTE_MS)).toEqual([
      { fromMs: MINUTE_MS, untilMs: 11 * MINUTE_MS, alarms: 11, peak: 11 },
    ]);
    // Five a window keep it going.
    const going = [...several(11, 0), ...minutes(2, 4, 6, 8, 10, 12, 14, 16, 18)];
    expect(floodsIn(going, limits, 19 * MINUTE_MS)).toMatchObject([{ untilMs: undefined, alarms: 20 }]);
    expect(floodsIn(going, limits, 40 * MINUTE_MS)).toMatchObject([{ untilMs: 20 * MINUTE_MS, alarms: 20 }]);
  });

  it('takes more alarms where more operators are on duty', () => {
    expect(floodsIn(several(20, 1), { ...limits, operators: 2 }, 2 * MINUTE_MS)).toEqual([]);
    expect(floodsIn(several(21, 1), { ...limits, operators: 2 }, 2 * MINUTE_MS)).toHaveLength(1);
  });

  it('is found wherever a window counted one by one holds too many, and nowhere else', () => {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    for (let round = 0; round < 50; round += 1) {
      const announced = Array.from({ length: 60 }, () => Math.floor(random() * 120) * MINUTE_MS).sort((a, b) => a - b);
      const floods = floodsIn(announced, limits, 200 * MINUTE_MS);
      const within = (atMs: number): number =>
        announced.filter((each) => each <= atMs && each > atMs - 10 * MINUTE_MS).length;
      for (let minute = 0; minute < 140; minute += 1) {
        const atMs = minute * MINUTE_MS;
        const isIn = floods.some(({ fromMs, untilMs = Infinity }) => fromMs <= atMs && atMs < untilMs);
        if (within(atMs) > 10) expect(isIn, `round ${round}, minute ${minute}`).toBe(true);
      }
      expect(peakWithin(announced, 10 * MINUTE_MS)).toBe(Math.max(...announced.map(within)));
      for (const { peak } of floods) expect(peak).toBeGreaterThan(10);
    }
  });
});
