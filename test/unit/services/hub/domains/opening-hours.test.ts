import { isOpenAt, type OpeningHours } from '@dipper/hub/domains/place/opening-hours';
import { describe, expect, it } from 'vitest';

const hours: OpeningHours = {
  timeZone: 'Asia/Shanghai',
  weekly: { tue: ['06:00-22:00'], fri: ['20:00-02:00'], sat: ['00:00-24:00'] },
};

describe('opening hours', () => {
  it.each([
    ['2026-11-23T21:59:59Z', false, 'Tuesday 05:59 in Shanghai'],
    ['2026-11-23T22:00:00Z', true, 'Tuesday 06:00 in Shanghai'],
    ['2026-11-24T13:59:59Z', true, 'Tuesday 21:59'],
    ['2026-11-24T14:00:00Z', false, 'Tuesday 22:00'],
    ['2026-11-25T04:00:00Z', false, 'Wednesday, left out of the table'],
    ['2026-11-27T11:59:00Z', false, 'Friday 19:59'],
    ['2026-11-27T12:00:00Z', true, 'Friday 20:00'],
    ['2026-11-28T15:59:00Z', true, 'Saturday 23:59'],
    ['2026-11-28T16:00:00Z', false, 'Sunday 00:00'],
  ])('%s is open: %s (%s)', (at, isOpen) => {
    expect(isOpenAt(hours, new Date(at))).toBe(isOpen);
  });

  it('go over midnight into a day that is closed', () => {
    const night: OpeningHours = { timeZone: 'Asia/Shanghai', weekly: { sun: ['22:00-02:00'] } };
    expect(isOpenAt(night, new Date('2026-11-29T17:59:00Z'))).toBe(true);
    expect(isOpenAt(night, new Date('2026-11-29T18:00:00Z'))).toBe(false);
    expect(isOpenAt(night, new Date('2026-11-28T17:30:00Z'))).toBe(false);
  });

  it('closed for good is closed', () => {
    expect(isOpenAt({ closed: 'always' }, new Date())).toBe(false);
  });
});
