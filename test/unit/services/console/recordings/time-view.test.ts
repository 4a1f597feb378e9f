import { describe, expect, it } from 'vitest';
import {
  dayOf,
  following,
  moved,
  shareOf,
  ticksOf,
  zoomed,
} from '../../../../../services/console/recordings/time-view.ts';
import { fieldFrom, instantFrom } from '../../../../../services/console/time/site-time.ts';

const HOUR_MS = 3_600_000;
const MIDNIGHT_MS = Date.parse('2026-11-24T00:00:00+08:00');
const day = dayOf(MIDNIGHT_MS);

describe('the view of a day', () => {
  it('is the day where the estates are, whatever the zone of the browser', () => {
    expect(dayOf(Date.parse('2026-11-23T16:00:00Z')).fromMs).toBe(MIDNIGHT_MS);
    expect(dayOf(Date.parse('2026-11-23T15:59:59.999Z')).untilMs).toBe(MIDNIGHT_MS);
  });

  it('keeps what is pointed at in its place when it zooms, and never leaves the day', () => {
    const nineMs = MIDNIGHT_MS + 9 * HOUR_MS;
    const closer = zoomed(day, 1 / 4, nineMs, day);
    expect(closer.untilMs - closer.fromMs).toBe(6 * HOUR_MS);
    expect(shareOf(closer, nineMs)).toBeCloseTo(9 / 24);
    expect(zoomed(closer, 100, nineMs, day)).toEqual(day);
    const closest = zoomed(day, 1e-9, MIDNIGHT_MS, day);
    expect(closest).toEqual({ fromMs: MIDNIGHT_MS, untilMs: MIDNIGHT_MS + 60_000 });
    expect(moved(closer, 100 * HOUR_MS, day).untilMs).toBe(day.untilMs);
  });

  it('follows an instant that leaves it, and stays where it is otherwise', () => {
    const view = { fromMs: MIDNIGHT_MS, untilMs: MIDNIGHT_MS + HOUR_MS };
    expect(following(view, MIDNIGHT_MS + 1, day)).toBe(view);
    const next = following(view, MIDNIGHT_MS + 2 * HOUR_MS, day);
    expect(shareOf(next, MIDNIGHT_MS + 2 * HOUR_MS)).toBeCloseTo(1 / 4);
  });

  it('has round labels, no more than have room', () => {
    const { stepMs, atMs } = ticksOf(day, 10);
    expect(stepMs).toBe(3 * HOUR_MS);
    expect(atMs[0]).toBe(MIDNIGHT_MS);
    expect(atMs).toHaveLength(9);
    const odd = { fromMs: MIDNIGHT_MS + 61_500, untilMs: MIDNIGHT_MS + 121_500 };
    expect(ticksOf(odd, 6).atMs[0]).toBe(MIDNIGHT_MS + 70_000);
  });

  it('writes and reads the fields of a form by the clocks of the estates', () => {
    expect(fieldFrom(MIDNIGHT_MS + 61_000)).toBe('2026-11-24T00:01:01');
    expect(instantFrom('2026-11-24T00:01:01')).toBe(MIDNIGHT_MS + 61_000);
    expect(instantFrom('2026-11-24T00:01')).toBe(MIDNIGHT_MS + 60_000);
    expect(instantFrom('')).toBeUndefined();
  });
});
