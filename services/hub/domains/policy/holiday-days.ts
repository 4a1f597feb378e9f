import type { HolidayUse } from '@dipper/contract/api/access-schedule';
import type { PolicySchedule } from '@dipper/contract/policy-body';
import { type CalendarYears, daysOf } from '../case/working-calendar.ts';

type Weekly = PolicySchedule['weekly'];
type SpecialDay = NonNullable<PolicySchedule['specialDays']>[number];

const MONDAY = 0;
const SUNDAY = 6;

/**
 * The days on which a schedule is not as the week has it: those that somebody entered, and the statutory holidays, with the
 * days that are worked in lieu of them (调休), as the schedule uses them. What was entered goes before the calendar.
 *
 * @param use what holidays are; with `as-usual` a day worked in lieu is as usual, too
 */
export function specialDaysWith(
  calendar: Pick<CalendarYears, 'years'>,
  weekly: Weekly,
  entered: readonly SpecialDay[],
  use: HolidayUse,
): SpecialDay[] {
  const days = new Map<string, SpecialDay['spans']>();
  if (use !== 'as-usual') {
    const onHolidays = use === 'closed' ? [] : (weekly[SUNDAY] ?? []);
    for (const { off, worked } of calendar.years) {
      for (const date of off.flatMap(daysOf)) days.set(date, onHolidays);
      for (const date of worked) days.set(date, weekly[MONDAY] ?? []);
    }
  }
  for (const { date, spans } of entered) days.set(date, spans);
  return [...days].map(([date, spans]) => ({ date, spans })).sort((a, b) => (a.date < b.date ? -1 : 1));
}
