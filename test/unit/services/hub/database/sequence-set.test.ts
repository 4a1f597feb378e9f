import { hasSequence, multirangeFrom, rangesFrom, rangesFromMultirange } from '@dipper/hub/database/sequence-set';
import { describe, expect, it } from 'vitest';

describe('sequence sets', () => {
  it('join neighbours, in any order and repeated', () => {
    expect(rangesFrom([5, 1, 2, 2, 3, 9, 6])).toEqual([
      [1, 3],
      [5, 6],
      [9, 9],
    ]);
    expect(rangesFrom([])).toEqual([]);
  });

  it('go to PostgreSQL and come back', () => {
    expect(multirangeFrom([[1, 3]])).toBe('{[1,3]}');
    expect(rangesFromMultirange('{[1,4),[7,8)}')).toEqual([
      [1, 3],
      [7, 7],
    ]);
    expect(rangesFromMultirange('{}')).toEqual([]);
  });

  it('find a sequence exactly where it is', () => {
    const ranges = rangesFrom([1, 2, 3, 10, 20, 21]);
    const found = Array.from({ length: 23 }, (_, sequence) => sequence).filter((sequence) =>
      hasSequence(ranges, sequence),
    );
    expect(found).toEqual([1, 2, 3, 10, 20, 21]);
  });
});
