import { BELIEVED_AFTER_MS, followClock, type KnownTime } from '@dipper/hub/retention/deletion-clock';
import { describe, expect, it } from 'vitest';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2026, 10, 24);
const YEAR_MS = 365 * DAY_MS;

/** What is known after a clock has shown these instants, given in milliseconds after the start. */
const shown = (...atMs: readonly number[]): KnownTime =>
  atMs.reduce((known, ms) => followClock(known, START + ms), { knownAt: START, leap: undefined } as KnownTime);
const everyHour = (fromMs: number, forMs: number): number[] =>
  Array.from({ length: forMs / HOUR_MS + 1 }, (_, hour) => fromMs + hour * HOUR_MS);

describe('the clock of deletions', () => {
  it('goes on with the others, also over a weekend, and not back', () => {
    expect(shown(600_000, 2 * DAY_MS, 2 * DAY_MS - HOUR_MS)).toEqual({ knownAt: START + 2 * DAY_MS, leap: undefined });
  });

  it('does not follow a leap, however often it is looked at', () => {
    const { knownAt, leap } = shown(0, ...everyHour(YEAR_MS, BELIEVED_AFTER_MS - HOUR_MS));
    expect(knownAt).toBe(START);
    expect(leap?.from).toBe(START + YEAR_MS);
  });

  it('believes a leap that has stood for days', () => {
    const atMs = YEAR_MS + BELIEVED_AFTER_MS;
    expect(shown(0, ...everyHour(YEAR_MS, BELIEVED_AFTER_MS))).toEqual({ knownAt: START + atMs, leap: undefined });
  });

  it('forgets a leap once a clock shows what was to be expected, and counts anew after another leap', () => {
    expect(shown(YEAR_MS, HOUR_MS)).toEqual({ knownAt: START + HOUR_MS, leap: undefined });
    const twice = shown(YEAR_MS, 2 * YEAR_MS, 2 * YEAR_MS + HOUR_MS);
    expect(twice).toMatchObject({ knownAt: START, leap: { from: START + 2 * YEAR_MS } });
  });

  it('takes a clock without a battery for wrong, and is itself again when that is set', () => {
    expect(shown(0, -YEAR_MS).knownAt).toBe(START);
    expect(shown(0, -YEAR_MS, HOUR_MS)).toEqual({ knownAt: START + HOUR_MS, leap: undefined });
  });
});
