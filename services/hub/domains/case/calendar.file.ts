import { type Static, Type } from 'typebox';
import { readYamlFile } from '../../yaml-file.ts';
import { daysOf } from './working-calendar.ts';

const strict = { additionalProperties: false };
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
const Span = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}(\\.\\.\\d{4}-\\d{2}-\\d{2})?$' });
const LONGEST_HOLIDAY_DAYS = 31;

/** config/calendar.yaml */
export const CalendarFile = Type.Object(
  {
    /** Without daylight saving. */
    timeZone: Type.Literal('Asia/Shanghai'),
    /** When business is done: a deadline in working days ends with it. */
    hours: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d-(([01]\\d|2[0-3]):[0-5]\\d|24:00)$' }),
    years: Type.Array(
      Type.Object(
        {
          year: Type.Integer({ minimum: 2000, maximum: 2200 }),
          /** The days in lieu have not been announced yet. */
          provisional: Type.Optional(Type.Boolean()),
          off: Type.Array(Span),
          worked: Type.Array(Day),
        },
        strict,
      ),
      { minItems: 1 },
    ),
  },
  strict,
);
export type CalendarFile = Static<typeof CalendarFile>;

/**
 * Reads the calendar of days off.
 * @throws ConfigInvalidError naming line and key, also of a day that is none, lies in another year, or is no weekend
 */
export function readCalendarFile(file: string): CalendarFile {
  const yaml = readYamlFile(file, CalendarFile);
  for (const [index, { year, off, worked }] of yaml.value.years.entries()) {
    const check = (key: 'off' | 'worked', position: number, days: readonly string[]): void => {
      const path = ['years', index, key, position];
      if (days.length === 0 || days.length > LONGEST_HOLIDAY_DAYS) yaml.problem(path, 'is no span of days');
      if (days.some((day) => !day.startsWith(`${year}-`))) yaml.problem(path, `does not lie in ${year}`);
      if (key === 'worked' && days.some((day) => ![0, 6].includes(new Date(day).getUTCDay())))
        yaml.problem(path, 'is no Saturday or Sunday: other days are worked anyway');
    };
    for (const [position, span] of off.entries()) check('off', position, isDay(span) ? daysOf(span) : []);
    for (const [position, day] of worked.entries()) check('worked', position, isDay(day) ? [day] : []);
  }
  yaml.check();
  return yaml.value;
}

/** Whether both ends are days that exist: 31 April is none. */
function isDay(span: string): boolean {
  return span.split('..').every((day) => {
    const at = new Date(day);
    return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
  });
}
