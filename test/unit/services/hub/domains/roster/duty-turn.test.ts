import { type DutyLine, turnsAt } from '@dipper/hub/domains/roster/duty-turn';
import { describe, expect, it } from 'vitest';

const line = (more: Partial<DutyLine>): DutyLine => ({
  grid: 'grid-1',
  account: 'wang',
  platform: null,
  weekdays: null,
  on_date: null,
  off: false,
  span: '08:00-18:00',
  from_date: null,
  until_date: null,
  ...more,
});
/** 2026-11-24 is a Tuesday. */
const shanghai = (text: string): Date => new Date(`${text}:00+08:00`);
const onDuty = (lines: readonly DutyLine[], at: string): string[] =>
  turnsAt(lines, shanghai(at)).map((turn) => turn.line.account);

describe('a roster', () => {
  it('goes by the week in the time of Shanghai; an end is not part of a turn', () => {
    const week = [line({ weekdays: ['tue'] })];
    expect(onDuty(week, '2026-11-24T07:59')).toEqual([]);
    expect(onDuty(week, '2026-11-24T08:00')).toEqual(['wang']);
    expect(onDuty(week, '2026-11-24T17:59')).toEqual(['wang']);
    expect(onDuty(week, '2026-11-24T18:00')).toEqual([]);
    expect(onDuty(week, '2026-11-25T09:00')).toEqual([]);
    const [turn] = turnsAt(week, shanghai('2026-11-24T09:00'));
    expect([turn?.from.toISOString(), turn?.until.toISOString()]).toEqual([
      '2026-11-24T00:00:00.000Z',
      '2026-11-24T10:00:00.000Z',
    ]);
  });

  it('gives a night to the day on which it begins', () => {
    const night = [line({ weekdays: ['tue'], span: '20:00-08:00' })];
    expect(onDuty(night, '2026-11-24T07:00')).toEqual([]);
    expect(onDuty(night, '2026-11-24T23:00')).toEqual(['wang']);
    expect(onDuty(night, '2026-11-25T07:59')).toEqual(['wang']);
    expect(onDuty([line({ weekdays: ['tue'], span: '20:00-24:00' })], '2026-11-24T23:59')).toEqual(['wang']);
  });

  it('lets a date come before the week: off, other hours, somebody else', () => {
    const week = line({ weekdays: ['tue'] });
    const off = line({ on_date: '2026-11-24', off: true, span: null });
    const instead = line({ account: 'li', on_date: '2026-11-24' });
    expect(onDuty([week, off, instead], '2026-11-24T09:00')).toEqual(['li']);
    expect(onDuty([week, off, instead], '2026-12-01T09:00')).toEqual(['wang']);
    const late = line({ on_date: '2026-11-24', span: '12:00-20:00' });
    expect(onDuty([week, late], '2026-11-24T09:00')).toEqual([]);
    expect(onDuty([week, late], '2026-11-24T19:00')).toEqual(['wang']);
  });

  it('keeps one grid apart from another, and a line to its dates, both included', () => {
    const elsewhere = line({ grid: 'grid-2', on_date: '2026-11-24', off: true, span: null });
    expect(onDuty([line({ weekdays: ['tue'] }), elsewhere], '2026-11-24T09:00')).toEqual(['wang']);
    const season = [line({ weekdays: ['tue'], from_date: '2026-11-24', until_date: '2026-12-01' })];
    expect(onDuty(season, '2026-11-17T09:00')).toEqual([]);
    expect(onDuty(season, '2026-11-24T09:00')).toEqual(['wang']);
    expect(onDuty(season, '2026-12-01T09:00')).toEqual(['wang']);
    expect(onDuty(season, '2026-12-08T09:00')).toEqual([]);
  });
});
