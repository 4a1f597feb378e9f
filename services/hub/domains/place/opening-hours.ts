import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Weekday = (typeof WEEKDAYS)[number];

/** `06:00-22:30`, also over midnight (`22:00-02:00`); `24:00` ends a day. */
const Span = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d-(([01]\\d|2[0-3]):[0-5]\\d|24:00)$' });
const Spans = Type.Optional(Type.Array(Span));

/** When people should come and go at a place: never, or by a weekly table in which a day left out is closed. */
export const OpeningHours = Type.Object(
  {
    closed: Type.Optional(Type.Literal('always')),
    /** IANA name, e.g. `Asia/Shanghai`. */
    timeZone: Type.Optional(Type.String()),
    weekly: Type.Optional(
      Type.Object({ mon: Spans, tue: Spans, wed: Spans, thu: Spans, fri: Spans, sat: Spans, sun: Spans }, strict),
    ),
  },
  strict,
);
export type OpeningHours = Static<typeof OpeningHours>;

const MINUTES_PER_DAY = 24 * 60;

/** Whether hours are open at an instant. */
export function isOpenAt(hours: OpeningHours, at: Date): boolean {
  if (hours.weekly === undefined) return false;
  const { weekday, minute } = localTime(at, hours.timeZone ?? 'UTC');
  const yesterday = WEEKDAYS[(WEEKDAYS.indexOf(weekday) + 6) % 7] ?? 'sun';
  const today = (hours.weekly[weekday] ?? []).map(minutesOf);
  const carriedOver = (hours.weekly[yesterday] ?? []).map(minutesOf).filter(({ from, until }) => until <= from);
  return (
    today.some(({ from, until }) => minute >= from && (minute < until || until <= from)) ||
    carriedOver.some(({ until }) => minute < until)
  );
}

/** Whether the runtime knows a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function minutesOf(span: string): { from: number; until: number } {
  const [from = 0, until = 0] = span.split('-').map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return hour * 60 + minute;
  });
  return { from, until };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(at: Date, timeZone: string): { weekday: Weekday; minute: number } {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const minute = (Number(parts['hour']) * 60 + Number(parts['minute'])) % MINUTES_PER_DAY;
  return { weekday: (parts['weekday'] ?? 'Sun').toLowerCase() as Weekday, minute };
}
