import { createShedding, type Pressed, type SheddableRank } from '@dipper/edge/agent/load/shedding';
import { beforeEach, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../../../support/manual-clock.ts';

let clock: ManualClock;
let pressed: Pressed | undefined;
let history: string[];
let shedding: ReturnType<typeof createShedding>;
beforeEach(() => {
  clock = createManualClock();
  pressed = undefined;
  history = [];
  const startMs = clock.monotonicMs();
  shedding = createShedding({
    pressed: () => pressed,
    onChange: (shed) => history.push(`${Math.round((clock.monotonicMs() - startMs) / 1_000)}: ${shed.join(' ')}`),
    clock,
    signal: new AbortController().signal,
  });
});

/** Whether each is given up now. */
const given = (): SheddableRank[] => (['capture', 'live', 'rest'] as const).filter((rank) => shedding.sheds(rank));

it('gives nothing up while nobody suffers', () => {
  clock.advance(600_000);
  expect(history).toEqual([]);
  expect(given()).toEqual([]);
});

it('gives up one rank after the other while recording suffers, the last first, and takes them up again in turn', () => {
  pressed = 'recording';
  clock.advance(10_000);
  expect(history).toEqual(['0: rest', '2: rest live', '4: rest live capture']);
  pressed = undefined;
  clock.advance(60_000);
  expect(history.slice(3)).toEqual(['20: rest live', '30: rest', '40: ']);
  const { times, shedMs } = shedding.stats();
  expect(times).toEqual({ rest: 1, live: 1, capture: 1 });
  expect(shedMs.rest).toBeGreaterThan(shedMs.live);
  expect(shedMs.live).toBeGreaterThan(shedMs.capture);
});

it('gives up for capture only what ranks below it', () => {
  pressed = 'capture';
  clock.advance(60_000);
  expect(given()).toEqual(['live', 'rest']);
});

it('notices that this process does not come to its turn, and tells how late it came', () => {
  let atMs = 0;
  let due: () => void = () => undefined;
  const late = createShedding({
    pressed: () => undefined,
    onChange: () => undefined,
    clock: {
      nowMs: () => atMs,
      monotonicMs: () => atMs,
      after(_, run) {
        due = run;
        return () => undefined;
      },
    },
    signal: new AbortController().signal,
  });
  const pulses = (count: number, everyMs: number): void => {
    for (let pulse = 0; pulse < count; pulse += 1) {
      atMs += everyMs;
      due();
    }
  };
  pulses(4, 2_000);
  expect(late.sheds('rest')).toBe(false);
  pulses(20, 600);
  expect(late.stats().shed).toEqual(['rest', 'live', 'capture']);
  expect(late.takeLateness()).toEqual({ p50: 350, p99: 1_750, max: 1_750 });
  pulses(200, 250);
  expect(late.stats().shed).toEqual([]);
  expect(late.takeLateness()).toEqual({ p50: 0, p99: 0, max: 0 });
});
