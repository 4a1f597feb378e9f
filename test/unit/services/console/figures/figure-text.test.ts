import { expect, it } from 'vitest';
import { percent, rateText, standingOf } from '../../../../../services/console/figures/figure-text.ts';

it('says shares and rates with as many digits as tell something', () => {
  expect([0, 0.004, 0.0951, 0.12, 1].map(percent)).toEqual(['0%', '0.4%', '9.5%', '12%', '100%']);
  expect([0, 5.94, 12.4].map(rateText)).toEqual(['0.0', '5.9', '12']);
});

it('takes a goal as reached at the goal itself', () => {
  expect([6, 6.1, 12, 12.1].map((rate) => standingOf(rate, [6, 12]))).toEqual(['good', 'fair', 'fair', 'bad']);
});
