import { describe, expect, it } from 'vitest';
import { HURRY_LAG_SEC, JUMP_LAG_SEC, steer, TARGET_LAG_SEC } from '../../../../../services/console/live/live-edge.ts';

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
    const behind = 100 - HURRY_LAG_SEC - 0.1;
    const { playbackRate } = steer(behind, ranges([90, 100]), 1);
    expect(playbackRate).toBeGreaterThan(1);
    expect(steer(99.7, ranges([90, 100]), 1).playbackRate).toBe(1);
    expect(steer(99.7, ranges([90, 100]), playbackRate).playbackRate).toBe(playbackRate);
    expect(steer(99.82, ranges([90, 100]), playbackRate).playbackRate).toBe(1);
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
