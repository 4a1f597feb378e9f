import type { QuietHours } from '@dipper/contract/api/webhook';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * When quiet hours that are on at a moment end; undefined when they are not. `from` and `until` the same means never.
 *
 * @param timeZone IANA name
 */
export function quietUntil(hours: QuietHours | null, timeZone: string, at: Date): Date | undefined {
  if (hours === null) return undefined;
  const [from, until, now] = [minuteOf(hours.from), minuteOf(hours.until), localMinute(timeZone, at)];
  if (from === until) return undefined;
  const isQuiet = from < until ? now >= from && now < until : now >= from || now < until;
  if (!isQuiet) return undefined;
  const leftMinutes = (until - now + DAY_MINUTES) % DAY_MINUTES;
  return new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS + leftMinutes * MINUTE_MS);
}

/** Whether a name is one of a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

function minuteOf(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

function localMinute(timeZone: string, at: Date): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    formats.set(timeZone, format);
  }
  return minuteOf(format.format(at));
}
