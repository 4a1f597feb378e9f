/** A day of the calendar, `2026-11-24`. */
export type CalendarDay = string;

/** Which days are worked, and from when to when. */
export interface CalendarYears {
  readonly timeZone: string;
  /** `09:00-17:30` */
  readonly hours: string;
  readonly years: readonly {
    readonly year: number;
    /** The arrangement of days off in lieu (调休) has not been announced yet. */
    readonly provisional?: boolean | undefined;
    /** Days off: single days, or `2026-02-15..2026-02-23`. */
    readonly off: readonly string[];
    /** Saturdays and Sundays that are worked. */
    readonly worked: readonly CalendarDay[];
  }[];
}

export interface WorkingCalendar {
  /** The day in which an instant lies. */
  dayOf(at: Date): CalendarDay;
  isWorked(day: CalendarDay): boolean;
  /**
   * The instant at which the n-th working day after the day of `from` ends: the day of `from` does not count, and the
   * last day ends when business does (Civil Code of the PRC, articles 201 and 203).
   */
  endOfWorkingDay(from: Date, days: number): Date;
  /** How many working days lie behind the day of `from`, up to and including the day of `until`. */
  workingDaysBetween(from: Date, until: Date): number;
  /** Whether the calendar knows the days off of the year in which an instant lies. */
  knows(at: Date): boolean;
}

const DAY_MS = 24 * 3_600_000;
/** Nothing of ours is allowed as many working days; a file with no working day at all must not hang the hub. */
const MAX_WALK_DAYS = 4_000;
const SATURDAY = 6;
const SUNDAY = 0;

/**
 * The working calendar of a time zone without daylight saving (China has had none since 1991): its offset is taken once.
 * Years that the file does not name are reckoned with plain weekends; `knows` tells.
 */
export function createWorkingCalendar(file: CalendarYears): WorkingCalendar {
  const offsetMs = offsetOf(file.timeZone);
  const endOfBusinessMs = timeOfDayMs(file.hours.split('-')[1] ?? '24:00');
  const off = new Set(file.years.flatMap((year) => year.off.flatMap(daysOf)));
  const worked = new Set(file.years.flatMap((year) => year.worked));
  const known = new Set(file.years.filter((year) => year.provisional !== true).map(({ year }) => year));

  const numberOf = (at: Date): number => Math.floor((at.getTime() + offsetMs) / DAY_MS);
  const nameOf = (number: number): CalendarDay => new Date(number * DAY_MS).toISOString().slice(0, 10);
  const isWorkedNumber = (number: number): boolean => {
    const name = nameOf(number);
    if (worked.has(name)) return true;
    if (off.has(name)) return false;
    const weekday = new Date(number * DAY_MS).getUTCDay();
    return weekday !== SATURDAY && weekday !== SUNDAY;
  };
  return {
    dayOf: (at) => nameOf(numberOf(at)),
    isWorked: (day) => isWorkedNumber(Date.parse(day) / DAY_MS),
    endOfWorkingDay(from, days) {
      let number = numberOf(from);
      let left = days;
      for (let walked = 0; left > 0 && walked < MAX_WALK_DAYS; walked += 1) {
        number += 1;
        if (isWorkedNumber(number)) left -= 1;
      }
      return new Date(number * DAY_MS - offsetMs + endOfBusinessMs);
    },
    workingDaysBetween(from, until) {
      let count = 0;
      for (let number = numberOf(from) + 1; number <= numberOf(until); number += 1) {
        if (isWorkedNumber(number)) count += 1;
      }
      return count;
    },
    knows: (at) => known.has(Number(nameOf(numberOf(at)).slice(0, 4))),
  };
}

/** The days of `2026-02-15..2026-02-23`, or the one that is named. */
export function daysOf(span: string): CalendarDay[] {
  const [first = '', last = first] = span.split('..');
  const days: CalendarDay[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

function timeOfDayMs(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return (hours * 60 + minutes) * 60_000;
}

/** How far a zone is ahead of UTC, ms. */
function offsetOf(timeZone: string): number {
  const name = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(0)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name ?? '') ?? [];
  const ms = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return sign === '-' ? -ms : ms;
}
