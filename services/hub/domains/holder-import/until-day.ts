const DAY_MS = 86_400_000;

/**
 * The instant at which a day of the estate's calendar is over. Where a clock is changed at midnight it is the first instant of
 * the next day that is shown.
 * @param day `YYYY-MM-DD`, one that there is
 */
export function endOfDay(day: string, timeZone: string): Date {
  const wantedMs = Date.parse(`${day}T00:00:00Z`) + DAY_MS;
  const first = wantedMs - offsetMs(wantedMs, timeZone);
  const second = wantedMs - offsetMs(first, timeZone);
  const missingMs = wantedMs - (second + offsetMs(second, timeZone));
  return new Date(second + Math.max(missingMs, 0));
}

/** How far the clock on the wall is ahead of UTC. */
function offsetMs(atMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  }).formatToParts(atMs);
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((each) => each.type === type)?.value);
  const shown = [part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')] as const;
  return Date.UTC(...shown) - Math.floor(atMs / 1000) * 1000;
}
