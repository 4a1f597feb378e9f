import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Barrier } from '../../../../../services/simulator/barrier/barrier.ts';

let stop: AbortController;
let barrier: Barrier;
let seen: string[];

beforeEach(() => {
  vi.useFakeTimers();
  stop = new AbortController();
  barrier = new Barrier({ travelMs: 1_000, holdOpenMs: 3_000, relayPulseMs: 500, signal: stop.signal });
  seen = [];
  barrier.events.on('relay', (state) => seen.push(`relay ${state}`));
  barrier.events.on('contact', (state) => seen.push(`contact ${state}`));
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

test('the relay opens it, falls back by itself, and the arm comes down in the end', () => {
  barrier.setRelay('active');
  expect(barrier.state).toMatchObject({ arm: 'rising', contact: 'open', relay: 'active' });
  vi.advanceTimersByTime(500);
  expect(barrier.state.relay).toBe('inactive');
  vi.advanceTimersByTime(4_499);
  expect(barrier.state).toMatchObject({ arm: 'lowering', contact: 'open' });
  vi.advanceTimersByTime(1);
  expect(barrier.state).toMatchObject({ arm: 'down', contact: 'closed' });
  expect(seen).toEqual(['contact open', 'relay active', 'relay inactive', 'contact closed']);
});

test('forced open, the relay never moves, and it stays open until it is closed', () => {
  barrier.force();
  vi.advanceTimersByTime(60_000);
  expect(barrier.state).toEqual({ arm: 'up', contact: 'open', relay: 'inactive', isForced: true });
  barrier.close();
  vi.advanceTimersByTime(1_000);
  expect(barrier.state).toEqual({ arm: 'down', contact: 'closed', relay: 'inactive', isForced: false });
  expect(seen).toEqual(['contact open', 'contact closed']);
});

test('opened again while it comes down, it goes up again', () => {
  barrier.setRelay('active');
  vi.advanceTimersByTime(4_200);
  expect(barrier.state.arm).toBe('lowering');
  barrier.setRelay('active');
  vi.advanceTimersByTime(1_000);
  expect(barrier.state).toMatchObject({ arm: 'up', contact: 'open' });
});
