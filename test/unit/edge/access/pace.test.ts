import { createPace } from '@dipper/edge/access/pace';
import { expect, test } from 'vitest';

test('a burst at once, then one every fifth of a second, and a burst again after a rest', () => {
  const pace = createPace({ burst: 3, perSecond: 5 });
  let nowMs = 1000;
  const take = () => {
    const waitMs = pace.takeTurn(nowMs);
    nowMs += waitMs;
    return Math.round(waitMs);
  };
  expect([take(), take(), take(), take(), take()]).toEqual([0, 0, 0, 200, 200]);
  nowMs += 10_000;
  expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 200]);
});
