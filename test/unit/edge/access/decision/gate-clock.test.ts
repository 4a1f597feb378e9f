import { createGateClock } from '@dipper/edge/access/decision/gate-clock';
import { describe, expect, test } from 'vitest';
import { accessGround, MINUTE_MS, NOON_MS, wordOf } from '../../../../support/access-ground.ts';
import { person, policyBody } from '../../../../support/access-policy.ts';

const HOUR_MS = 60 * MINUTE_MS;

/** A machine whose wall clock somebody turns. */
function machine(floorMs?: number) {
  const time = { wall: NOON_MS, monotonic: 500 };
  const start = (known: number | undefined) =>
    createGateClock({ wallMs: () => time.wall, monotonicMs: () => time.monotonic, floorMs: known });
  const self = {
    time,
    clock: start(floorMs),
    pass(ms: number) {
      time.wall += ms;
      time.monotonic += ms;
    },
    /** The machine was off for a while; its clock may say anything. */
    restart(wall: number) {
      const known = self.clock.floorMs;
      time.wall = wall;
      time.monotonic = 0;
      self.clock = start(known);
    },
  };
  return self;
}

describe('the clock that decisions go by', () => {
  test('is the wall clock while that runs', () => {
    const { clock, pass } = machine();
    pass(HOUR_MS);
    expect(clock.nowMs()).toBe(NOON_MS + HOUR_MS);
  });

  test('goes on when the wall clock is set back, also after a restart', () => {
    const self = machine();
    self.clock.nowMs();
    self.time.wall -= 24 * HOUR_MS;
    self.pass(HOUR_MS);
    expect(self.clock.nowMs()).toBe(NOON_MS + HOUR_MS);
    self.restart(NOON_MS - 48 * HOUR_MS);
    self.pass(MINUTE_MS);
    expect(self.clock.nowMs()).toBe(NOON_MS + HOUR_MS + MINUTE_MS);
  });

  test('follows a step ahead at once, and believes it once it has lasted', () => {
    const self = machine();
    self.time.wall += 365 * 24 * HOUR_MS;
    expect(self.clock.nowMs()).toBe(NOON_MS + 365 * 24 * HOUR_MS);
    self.pass(5 * MINUTE_MS);
    self.clock.nowMs();
    // Somebody had mistyped the year.
    self.time.wall -= 365 * 24 * HOUR_MS;
    expect(self.clock.nowMs()).toBe(NOON_MS + 5 * MINUTE_MS);

    self.restart(NOON_MS + 8 * HOUR_MS);
    for (let minute = 0; minute <= 10; minute += 1) {
      self.clock.nowMs();
      self.pass(MINUTE_MS);
    }
    expect(self.clock.floorMs).toBeGreaterThanOrEqual(NOON_MS + 8 * HOUR_MS);
  });

  test('waits for a wall clock that is a little behind, and never goes back', () => {
    const self = machine();
    self.clock.nowMs();
    self.time.wall -= MINUTE_MS;
    let last = 0;
    for (let step = 0; step < 200; step += 1) {
      self.pass(MINUTE_MS);
      const nowMs = self.clock.nowMs();
      expect(nowMs).toBeGreaterThanOrEqual(last);
      last = nowMs;
    }
    expect(last).toBe(self.time.wall);
  });

  test('is at least as late as what the hub has signed', () => {
    const { clock, pass } = machine();
    clock.raise(NOON_MS + 30 * HOUR_MS);
    pass(HOUR_MS);
    expect(clock.nowMs()).toBe(NOON_MS + 31 * HOUR_MS);
    clock.raise(NOON_MS);
    expect(clock.nowMs()).toBe(NOON_MS + 31 * HOUR_MS);
  });
});

test('no step of the clock revives a pass that has expired', () => {
  const until = new Date(NOON_MS + HOUR_MS).toISOString();
  const ground = accessGround(policyBody([person(1, { kind: 'visitor', permit: { validUntil: until } })]));
  const self = machine();
  const ask = (): string => {
    ground.nowMs = self.clock.nowMs();
    return wordOf(ground.card(1));
  };
  expect(ask()).toBe('granted PERMITTED');
  self.pass(HOUR_MS);
  expect(ask()).toBe('denied PERMIT_EXPIRED');
  for (const stepMs of [-1, -MINUTE_MS, -2 * HOUR_MS, -365 * 24 * HOUR_MS, 3 * HOUR_MS, -5 * HOUR_MS]) {
    self.time.wall += stepMs;
    self.pass(1_000);
    expect(ask(), `after ${stepMs}`).toBe('denied PERMIT_EXPIRED');
    self.restart(self.time.wall + stepMs);
    expect(ask(), `restarted after ${stepMs}`).toBe('denied PERMIT_EXPIRED');
  }
});
