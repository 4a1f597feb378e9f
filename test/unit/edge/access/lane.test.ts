import { createHeldOpenWatch } from '@dipper/edge/access/held-open';
import { createLane, type LoopRole } from '@dipper/edge/access/lane';
import { createPassageLedger } from '@dipper/edge/access/passage-ledger';
import { describe, expect, test } from 'vitest';

type Step = readonly [LoopRole, boolean, number];

/** One vehicle's way over three loops, each held while it is over it. */
function way(from: 'outside' | 'inside', startMs: number, stepMs: number): Step[] {
  const [near, far]: [LoopRole, LoopRole] =
    from === 'outside' ? ['entry-loop', 'exit-loop'] : ['exit-loop', 'entry-loop'];
  const order: [LoopRole, boolean][] = [
    [near, true],
    ['arm-loop', true],
    [near, false],
    [far, true],
    ['arm-loop', false],
    [far, false],
  ];
  return order.map(([role, isOn], index) => [role, isOn, startMs + index * stepMs]);
}

const drive = (steps: readonly Step[], hasEntry = true, hasExit = true) => {
  const lane = createLane({ hasEntry, hasExit });
  for (const role of ['entry-loop', 'arm-loop', 'exit-loop'] as const) lane.take(role, false, 0);
  return steps
    .filter(([role]) => (role === 'entry-loop' ? hasEntry : role === 'exit-loop' ? hasExit : true))
    .flatMap((step) => lane.take(...step));
};

describe('vehicles over loops', () => {
  test.each([
    ['both outer loops', true, true, ['in', 'out', 'in']],
    ['an entry loop', true, false, ['in', 'out', 'in']],
    ['an exit loop', false, true, ['in', 'out', 'in']],
    ['only the loop under the arm', false, false, ['unknown', 'unknown', 'unknown']],
  ] as const)('one after the other, with %s', (_, hasEntry, hasExit, directions) => {
    const steps = [...way('outside', 1_000, 500), ...way('inside', 10_000, 500), ...way('outside', 20_000, 300)];
    expect(drive(steps, hasEntry, hasExit)).toEqual(directions);
  });

  test('as many are counted as have passed, whatever their number, way and pace', () => {
    for (let count = 1; count <= 12; count += 1) {
      for (const stepMs of [150, 400, 2_000]) {
        for (const from of ['outside', 'inside'] as const) {
          const steps = Array.from({ length: count }, (_, index) =>
            way(from, 1_000 + index * stepMs * 6, stepMs),
          ).flat();
          expect(drive(steps)).toEqual(Array.from({ length: count }, () => (from === 'outside' ? 'in' : 'out')));
        }
      }
    }
  });

  test('a trailer is no second vehicle, and a report that is repeated no news', () => {
    const lorry: Step[] = [
      ['entry-loop', true, 0],
      ['arm-loop', true, 1_000],
      ['arm-loop', true, 1_050],
      ['arm-loop', false, 3_000],
      ['arm-loop', true, 3_300],
      ['arm-loop', false, 5_000],
    ];
    expect(drive(lorry, false, false)).toEqual(['unknown']);
  });

  test('one that backs off has not passed', () => {
    const back: Step[] = [
      ['entry-loop', true, 0],
      ['arm-loop', true, 1_000],
      ['entry-loop', false, 1_500],
      ['arm-loop', false, 3_000],
      ['entry-loop', true, 3_500],
      ['entry-loop', false, 5_000],
    ];
    expect(drive(back)).toEqual([]);
  });
});

describe('grants and vehicles', () => {
  test('each vehicle passes on its own grant; one more follows the last', () => {
    const ledger = createPassageLedger();
    ledger.granted('a');
    ledger.granted('b');
    expect(ledger.passed()).toEqual({ correlation: 'a', tailgating: undefined });
    expect(ledger.passed()).toEqual({ correlation: 'b', tailgating: undefined });
    expect(ledger.passed()).toEqual({ correlation: 'b', tailgating: { vehicles: 2, grant: 'b' } });
    expect(ledger.passed()).toMatchObject({ tailgating: { vehicles: 3, grant: 'b' } });
  });

  test('a grant that nobody used is over with the closing, and without a grant nobody follows anybody', () => {
    const ledger = createPassageLedger();
    ledger.granted('a');
    ledger.closed();
    expect(ledger.passed()).toEqual({ correlation: undefined, tailgating: undefined });
  });
});

describe('a gate that is open', () => {
  test('for too long is told once, and once more when it closes', () => {
    const watch = createHeldOpenWatch(1_000);
    expect(watch.take('open', false, 0)).toBeUndefined();
    expect(watch.dueAtMs).toBe(1_000);
    expect(watch.take('open', false, 999)).toBeUndefined();
    expect(watch.take('open', false, 1_000)).toEqual({ phase: 'started', sinceMs: 0 });
    expect(watch.take('open', false, 9_000)).toBeUndefined();
    expect(watch.take('closed', false, 9_500)).toEqual({ phase: 'ended', sinceMs: 0 });
  });

  test('because it was told to be is not held open, and is from when it was not told any more', () => {
    const watch = createHeldOpenWatch(1_000);
    watch.take('open', true, 0);
    expect(watch.take('open', true, 60_000)).toBeUndefined();
    expect(watch.dueAtMs).toBeUndefined();
    expect(watch.take('open', false, 60_500)).toBeUndefined();
    expect(watch.take('open', false, 61_000)).toEqual({ phase: 'started', sinceMs: 60_000 });
    expect(watch.take('open', true, 62_000)).toEqual({ phase: 'ended', sinceMs: 60_000 });
  });

  test('while nobody sees it neither begins nor ends anything', () => {
    const watch = createHeldOpenWatch(1_000);
    watch.take('open', false, 0);
    expect(watch.take('unknown', false, 5_000)).toBeUndefined();
    expect(watch.dueAtMs).toBeUndefined();
    expect(watch.take('open', false, 6_000)).toEqual({ phase: 'started', sinceMs: 0 });
    expect(watch.take('unknown', false, 7_000)).toBeUndefined();
    expect(watch.take('closed', false, 8_000)).toEqual({ phase: 'ended', sinceMs: 0 });
  });

  test('as an earlier watch has told, or may have, is ended by the next one', () => {
    const told = createHeldOpenWatch(1_000, -5_000);
    expect(told.take('open', false, 60_000)).toBeUndefined();
    expect(told.take('closed', false, 61_000)).toEqual({ phase: 'ended', sinceMs: -5_000 });
    expect(told.take('closed', false, 62_000)).toBeUndefined();

    const perhaps = createHeldOpenWatch(1_000, 'unknown');
    expect(perhaps.take('open', false, 0)).toBeUndefined();
    // Nobody may have told it: then it is told now.
    expect(perhaps.take('open', false, 1_000)).toEqual({ phase: 'started', sinceMs: 0 });
    expect(perhaps.take('closed', false, 2_000)).toEqual({ phase: 'ended', sinceMs: 0 });
    expect(createHeldOpenWatch(1_000, 'unknown').take('closed', false, 7)).toEqual({ phase: 'ended', sinceMs: 7 });
  });
});
