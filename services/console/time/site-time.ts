import { SITE_OFFSET_MS } from './zone.ts';

/** An instant as a browser's field for date and time wants it, by the clocks of the estates: `2026-11-24T02:13:05`. */
export function fieldFrom(atMs: number): string {
  return new Date(atMs + SITE_OFFSET_MS).toISOString().slice(0, 19);
}

/** The instant that such a field names, ms since 1970; undefined where it is not filled in. Seconds may be left out. */
export function instantFrom(field: string): number | undefined {
  const utcMs = Date.parse(`${field}Z`);
  return Number.isNaN(utcMs) ? undefined : utcMs - SITE_OFFSET_MS;
}
