import { fileURLToPath } from 'node:url';
import { readCalendarFile } from '@dipper/hub/domains/case/calendar.file';
import { createWorkingCalendar } from '@dipper/hub/domains/case/working-calendar';
import { describe, expect, it } from 'vitest';

const file = readCalendarFile(fileURLToPath(new URL('../../../../../../config/calendar.yaml', import.meta.url)));
const calendar = createWorkingCalendar(file);
/** Shanghai is eight hours ahead, all year. */
const at = (local: string): Date => new Date(`${local}:00+08:00`);
const localOf = (instant: Date): string =>
  new Date(instant.getTime() + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');

/** When something came in, how many working days it has, when it is due. Reckoned by hand from the State Council's list. */
const WORKED_EXAMPLES: readonly (readonly [string, number, string, string])[] = [
  ['2026-01-05T10:00', 7, '2026-01-14 17:30', 'a plain week: the day it came does not count'],
  ['2026-01-05T23:59', 7, '2026-01-14 17:30', 'whatever the hour'],
  ['2026-01-05T00:00', 7, '2026-01-14 17:30', 'from midnight of Shanghai, which is the day before in UTC'],
  ['2026-01-10T12:00', 7, '2026-01-20 17:30', 'on a Saturday: Monday is the first day'],
  ['2025-12-31T10:00', 1, '2026-01-04 17:30', 'New Year is off to the 3rd, and Sunday the 4th is worked'],
  ['2026-01-02T10:00', 2, '2026-01-05 17:30', 'within the holiday: the Sunday, then the Monday'],
  ['2026-02-13T09:00', 1, '2026-02-14 17:30', 'the Saturday before the Spring Festival is worked'],
  ['2026-02-13T09:00', 2, '2026-02-24 17:30', 'nine days of Spring Festival later'],
  ['2026-02-13T09:00', 7, '2026-03-02 17:30', 'with Saturday the 28th, which is worked, and Sunday, which is not'],
  [
    '2026-02-14T18:00',
    15,
    '2026-03-13 17:30',
    'fifteen days from the worked Saturday, with the one after the festival',
  ],
  ['2026-02-20T12:00', 4, '2026-02-27 17:30', 'within the festival'],
  ['2026-02-27T12:00', 1, '2026-02-28 17:30', 'a Friday before a Saturday that is worked'],
  ['2026-04-03T16:00', 1, '2026-04-07 17:30', 'Tomb Sweeping is off to Monday the 6th'],
  ['2026-04-30T16:00', 1, '2026-05-06 17:30', 'Labour Day is off to the 5th'],
  ['2026-04-30T16:00', 4, '2026-05-09 17:30', 'and Saturday the 9th is worked'],
  ['2026-06-18T16:00', 1, '2026-06-22 17:30', 'Dragon Boat: Friday is off'],
  ['2026-09-18T16:00', 1, '2026-09-20 17:30', 'a Sunday in September that is worked'],
  ['2026-09-24T16:00', 7, '2026-10-12 17:30', 'Mid-Autumn, National Day, and Saturday the 10th of October worked'],
  ['2026-09-30T10:00', 15, '2026-10-27 17:30', 'fifteen days over National Day'],
  ['2026-12-24T10:00', 7, '2027-01-05 17:30', 'into a year of which only the days of the law are known'],
];

describe('working days', () => {
  it.each(WORKED_EXAMPLES)('from %s, %i days: %s, %s', (from, days, due) => {
    expect(localOf(calendar.endOfWorkingDay(at(from), days))).toBe(due);
  });

  it('are what a slow walk from day to day finds, from any day of any length', () => {
    const off = file.years.flatMap((year) => year.off);
    const worked = file.years.flatMap((year) => year.worked);
    const isWorkedSlowly = (day: string): boolean => {
      if (worked.includes(day)) return true;
      if (off.some((span) => span.slice(0, 10) <= day && day <= span.slice(-10))) return false;
      const name = new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'UTC' }).format(new Date(day));
      return name !== 'Sat' && name !== 'Sun';
    };
    const dayInShanghai = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' });
    // Park and Miller's generator, so that a failure comes again.
    let seed = 20_261_124;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let round = 0; round < 400; round += 1) {
      const from = new Date(Date.parse('2025-12-20T00:00:00Z') + random(700 * 24 * 60) * 60_000);
      const days = 1 + random(30);
      let walked = from;
      for (let left = days; left > 0; ) {
        walked = new Date(walked.getTime() + 24 * 3_600_000);
        if (isWorkedSlowly(dayInShanghai.format(walked))) left -= 1;
      }
      const due = calendar.endOfWorkingDay(from, days);
      expect([from.toISOString(), days, localOf(due)]).toEqual([
        from.toISOString(),
        days,
        `${dayInShanghai.format(walked)} 17:30`,
      ]);
      expect(calendar.workingDaysBetween(from, due)).toBe(days);
    }
  });

  it('tell which years they know', () => {
    expect([calendar.knows(at('2026-12-31T23:00')), calendar.knows(at('2027-01-01T01:00'))]).toEqual([true, false]);
    expect(calendar.knows(at('2030-01-01T01:00'))).toBe(false);
  });
});
