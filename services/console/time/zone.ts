/**
 * Estates, guards and deadlines live in China, so the page shows one zone everywhere, whatever the browser's is, and
 * says so beside the clock. China has no daylight saving time; the offset is always +8.
 */
export const SITE_ZONE = 'Asia/Shanghai';
export const SITE_OFFSET_MS = 8 * 3_600_000;

export interface TimeFormats {
  /** 11月24日 02:13:05; with the year where it is not this year. */
  readonly full: (atMs: number, nowMs: number) => string;
  /** 02:13:05 */
  readonly clock: (atMs: number) => string;
  /** 02:13 */
  readonly minute: (atMs: number) => string;
  /** 11月24日周二 */
  readonly date: (atMs: number) => string;
  /** 3 minutes ago, in 2 hours */
  readonly relative: (atMs: number, nowMs: number) => string;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** @param locale BCP 47, e.g. `zh-CN` */
export function createTimeFormats(locale: string): TimeFormats {
  const zone = { timeZone: SITE_ZONE, hourCycle: 'h23' } as const;
  const clockParts = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
  const clock = new Intl.DateTimeFormat(locale, { ...zone, ...clockParts });
  const day = new Intl.DateTimeFormat(locale, { ...zone, month: 'short', day: 'numeric', ...clockParts });
  const year = new Intl.DateTimeFormat(locale, {
    ...zone,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    ...clockParts,
  });
  const minute = new Intl.DateTimeFormat(locale, { ...zone, hour: '2-digit', minute: '2-digit' });
  const date = new Intl.DateTimeFormat(locale, { ...zone, month: 'short', day: 'numeric', weekday: 'short' });
  const yearOf = new Intl.DateTimeFormat('en', { ...zone, year: 'numeric' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'short' });
  return {
    full: (atMs, nowMs) => (yearOf.format(atMs) === yearOf.format(nowMs) ? day : year).format(atMs),
    clock: (atMs) => clock.format(atMs),
    minute: (atMs) => minute.format(atMs),
    date: (atMs) => date.format(atMs),
    relative(atMs, nowMs) {
      const [unit, unitMs] = UNITS.find(([, ms]) => Math.abs(nowMs - atMs) >= ms) ?? UNITS[3];
      const amount = Math.trunc((atMs - nowMs) / unitMs);
      // `Intl` would say "in 0 seconds" of the present.
      return relative.format(amount === 0 ? -0 : amount, unit);
    },
  };
}
