import { describe, expect, it } from 'vitest';
import {
  createLagTarget,
  HURRY_BEYOND_SEC,
  JUMP_LAG_SEC,
  steer,
  TARGET_LAG_SEC,
} from '../../../../../services/console/live/live-edge.ts';

function ranges(...pairs: [number, number][]) {
  const at = (index: number): [number, number] => {
    const pair = pairs[index];
    if (pair === undefined) throw new RangeError();
    return pair;
  };
  return { length: pairs.length, start: (i: number) => at(i)[0], end: (i: number) => at(i)[1] };
}

describe('steering at the live edge', () => {
  it('plays on near the edge', () => {
    expect(steer(99.8, ranges([90, 100]), 1)).toEqual({ seekToSec: undefined, playbackRate: 1 });
  });

  it('begins with the newest picture, not with the oldest that was sent', () => {
    expect(steer(0, ranges([3_600, 3_604]), 1).seekToSec).toBe(3_604 - TARGET_LAG_SEC);
  });

  it('hurries when a little behind, until it is near again', () => {
    const behind = 100 - TARGET_LAG_SEC - HURRY_BEYOND_SEC - 0.1;
    const { playbackRate } = steer(behind, ranges([90, 100]), 1);
    expect(playbackRate).toBeGreaterThan(1);
    expect(steer(99.78, ranges([90, 100]), 1).playbackRate).toBe(1);
    expect(steer(99.78, ranges([90, 100]), playbackRate).playbackRate).toBe(playbackRate);
    expect(steer(99.83, ranges([90, 100]), playbackRate).playbackRate).toBe(1);
  });

  it('jumps when far behind', () => {
    expect(steer(100 - JUMP_LAG_SEC - 0.1, ranges([90, 100]), 1).seekToSec).toBe(100 - TARGET_LAG_SEC);
  });

  it('jumps over pictures that were left out', () => {
    expect(steer(95, ranges([90, 95], [96, 96.04]), 1).seekToSec).toBe(96);
  });

  it('comes back from a time that no picture has', () => {
    expect(steer(500, ranges([0, 2]), 1).seekToSec).toBe(2 - TARGET_LAG_SEC);
  });

  it('waits where there is nothing', () => {
    expect(steer(0, ranges(), 1)).toEqual({ seekToSec: undefined, playbackRate: 1 });
  });
});

describe('how near to the live edge', () => {
  /** Ten seconds of pictures, each as late as this says. */
  function targetAfter(everyMs: number, lateMs: (picture: number) => number): number {
    const target = createLagTarget();
    // The group so far, in one go.
    for (let picture = -50; picture < 0; picture++) target.observe({ atMs: picture * everyMs, arrivedAtMs: 80 });
    for (let picture = 0; picture * everyMs < 12_000; picture++) {
      const atMs = picture * everyMs;
      target.observe({ atMs, arrivedAtMs: atMs + 80 + lateMs(picture) });
    }
    return target.sec();
  }

  it('is a picture and a little where they come evenly, however long they were under way', () => {
    expect(targetAfter(40, () => 0)).toBeCloseTo(0.08);
    expect(targetAfter(100, () => 0)).toBeCloseTo(0.14);
  });

  it('is further away where they do not, up to half a second, and takes no notice of one in a hundred', () => {
    expect(targetAfter(40, (picture) => (picture % 3) * 30)).toBeCloseTo(0.14);
    expect(targetAfter(40, (picture) => (picture % 3) * 1_000)).toBe(0.5);
    expect(targetAfter(40, (picture) => (picture % 100 === 0 ? 2_000 : 0))).toBeCloseTo(0.08);
  });

  it('is as it was before that is known', () => {
    expect(createLagTarget().sec()).toBe(TARGET_LAG_SEC);
  });
});
