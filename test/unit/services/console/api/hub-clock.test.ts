import { describe, expect, it } from 'vitest';
import { createHubClock } from '../../../../../services/console/api/hub-clock.ts';

const START = Date.parse('2026-11-24T00:00:00.000Z');

/** Answers of a hub whose clock is `aheadMs` ahead of the page's. */
function observe(clock: ReturnType<typeof createHubClock>, aheadMs: number, pageMs: number, tripMs = 20): void {
  clock.observe(new Date(pageMs + tripMs / 2 + aheadMs).toUTCString(), pageMs, pageMs + tripMs);
}

describe('the hub’s clock as seen from the page', () => {
  it('is the page’s own until an answer came', () => {
    const clock = createHubClock(() => START);
    expect(clock.offset()).toBeUndefined();
    expect(clock.nowMs()).toBe(START);
    clock.observe(null, START, START);
    clock.observe('nonsense', START, START);
    expect(clock.offset()).toBeUndefined();
  });

  it('is known to half a second after one answer, and better with each', () => {
    const aheadMs = 3_600_250;
    const clock = createHubClock(() => START);
    observe(clock, aheadMs, START);
    const first = clock.offset();
    expect(Math.abs((first?.ms ?? 0) - aheadMs)).toBeLessThanOrEqual(first?.uncertaintyMs ?? 0);
    expect(first?.uncertaintyMs).toBeLessThanOrEqual(510);
    for (let answer = 1; answer < 20; answer++) observe(clock, aheadMs, START + answer * 1_370);
    const last = clock.offset();
    expect(last?.uncertaintyMs).toBeLessThan(100);
    expect(Math.abs((last?.ms ?? 0) - aheadMs)).toBeLessThanOrEqual(last?.uncertaintyMs ?? 0);
  });

  it('is learned anew when a clock was set', () => {
    const clock = createHubClock(() => START);
    observe(clock, 0, START);
    observe(clock, 600_000, START + 5_000);
    expect(Math.abs((clock.offset()?.ms ?? 0) - 600_000)).toBeLessThan(600);
  });
});
