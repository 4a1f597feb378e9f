import { describe, expect, it } from 'vitest';
import { durationOf } from '../../../../../services/console/time/duration.ts';
import { createTimeFormats } from '../../../../../services/console/time/zone.ts';

const NOW = Date.parse('2026-11-24T18:13:05.000Z');

describe('times', () => {
  it('are Beijing time, whatever zone the machine is in', () => {
    const { clock, full } = createTimeFormats('zh-CN');
    expect(clock(NOW)).toBe('02:13:05');
    expect(full(NOW, NOW)).toBe('11月25日 02:13:05');
  });

  it('carry the year where it is not this one, and this one is Beijing’s', () => {
    const { full } = createTimeFormats('zh-CN');
    const newYearInBeijing = Date.parse('2026-12-31T16:00:00.000Z');
    expect(full(newYearInBeijing, NOW)).toContain('2027');
    expect(full(newYearInBeijing, newYearInBeijing)).not.toContain('2027');
  });

  it('say midnight as 00, not as 24', () => {
    expect(createTimeFormats('en-GB').clock(Date.parse('2026-11-24T16:00:00.000Z'))).toBe('00:00:00');
  });

  it('say how long ago in the largest unit that is full', () => {
    const { relative } = createTimeFormats('zh-CN');
    expect(relative(NOW - 59_000, NOW)).toBe('59秒前');
    expect(relative(NOW - 119_000, NOW)).toBe('1分钟前');
    expect(relative(NOW - 26 * 3_600_000, NOW)).toBe('1天前');
    expect(relative(NOW + 3 * 3_600_000, NOW)).toBe('3小时后');
    expect(relative(NOW, NOW)).toBe('0秒前');
  });
});

describe('lengths of time', () => {
  it('are told in two units', () => {
    expect(durationOf(-5)).toEqual({ key: 'seconds', seconds: 0 });
    expect(durationOf(59_999)).toEqual({ key: 'seconds', seconds: 59 });
    expect(durationOf(61_000)).toEqual({ key: 'minutes', minutes: 1, seconds: 1 });
    expect(durationOf(3_600_000 * 23 + 60_000)).toEqual({ key: 'hours', hours: 23, minutes: 1 });
    expect(durationOf(86_400_000 * 3 + 3_600_000)).toEqual({ key: 'days', days: 3, hours: 1 });
  });
});
