const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits between attempts; together about four days (Standard Webhooks 1.0.0, «Deliverability and reliability»). */
const WAITS_MS = [
  5_000,
  30_000,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
  24 * HOUR_MS,
];
/** Receivers that were away together are not all called in the same second. */
const JITTER = 0.2;
const MAX_ASKED_WAIT_MS = 24 * HOUR_MS;

/** How long an address may fail without a single success before it is disabled. */
export const DISABLE_AFTER_MS = 5 * 24 * HOUR_MS;

/**
 * How long to wait after an attempt that failed; undefined when it was the last.
 *
 * @param attempts that have been made, at least 1
 * @param askedSec `Retry-After` of the answer, in seconds
 * @param random evenly spread from 0 up to 1
 */
export function waitAfter(attempts: number, askedSec: number | undefined, random: number): number | undefined {
  const baseMs = WAITS_MS[attempts - 1];
  if (baseMs === undefined) return undefined;
  const jitteredMs = Math.round(baseMs * (1 - JITTER + 2 * JITTER * random));
  return Math.max(jitteredMs, Math.min((askedSec ?? 0) * 1000, MAX_ASKED_WAIT_MS));
}

/** The same for an address that fails as a whole; there is always a next time. */
export function waitForAddress(failures: number, askedSec: number | undefined, random: number): number {
  return waitAfter(Math.min(failures, WAITS_MS.length), askedSec, random) ?? 0;
}
