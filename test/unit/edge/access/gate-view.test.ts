import { FORCED_GRACE_MS } from '@dipper/edge/access/gate-config';
import type { GateSignal } from '@dipper/edge/access/gate-signal';
import { createGateView, type GateFinding } from '@dipper/edge/access/gate-view';
import { expect, test } from 'vitest';

const active: GateSignal = { line: 'relay', state: 'active' };
const inactive: GateSignal = { line: 'relay', state: 'inactive' };
const open: GateSignal = { line: 'contact', state: 'open' };
const closed: GateSignal = { line: 'contact', state: 'closed' };

const WINDOW_MS = 10_000;
const createView = (isForced = false) => createGateView({ forcedWindowMs: WINDOW_MS, isForced });

/** A gate that has been seen closed, long after its relay last moved. */
function closedView() {
  const view = createView();
  view.take([inactive, closed], 0);
  return view;
}

const forced = (findings: readonly GateFinding[]) => findings.flatMap((finding) => finding.forced?.phase ?? []);

test('position follows relay and contact', () => {
  const view = createView();
  expect(view.sight.position).toBe('unknown');
  const positions = [[inactive], [closed], [active], [open], [inactive], [closed]].flatMap((signals) =>
    view.take(signals, 0).map(({ sight }) => sight.position),
  );
  expect(positions).toEqual(['unknown', 'closed', 'moving', 'open', 'open', 'closed']);
});

test('only a difference is news', () => {
  const view = closedView();
  expect(view.take([closed, inactive], 1).map(({ isNews }) => isNews)).toEqual([false, false]);
  expect(view.take([active], 2).map(({ isNews }) => isNews)).toEqual([true]);
});

test('opening without the relay is forced, until it closes, and told once', () => {
  const view = closedView();
  expect(forced(view.take([open], 20_000))).toEqual([]);
  expect(view.verdictAtMs).toBe(20_000 + FORCED_GRACE_MS);
  expect(forced(view.judge(20_000 + FORCED_GRACE_MS - 1))).toEqual([]);
  const [finding] = view.judge(20_000 + FORCED_GRACE_MS);
  expect(finding?.forced).toEqual({ phase: 'started', relay: 'inactive', contact: 'open', ageMs: FORCED_GRACE_MS });
  expect(view.verdictAtMs).toBeUndefined();
  expect(forced(view.take([open, inactive], 22_000))).toEqual([]);
  expect(forced(view.judge(25_000))).toEqual([]);
  expect(forced(view.take([closed], 30_000))).toEqual(['ended']);
  expect(forced(view.take([closed], 30_001))).toEqual([]);
});

test.each([
  ['just inside the window', WINDOW_MS, []],
  ['just outside', WINDOW_MS + 1, ['started']],
])('the window runs from the end of the activation: %s', (_name, afterMs, expected) => {
  const view = closedView();
  view.take([active], 100_000);
  view.take([inactive], 160_000);
  view.take([open], 160_000 + afterMs);
  expect(forced(view.judge(Number.POSITIVE_INFINITY))).toEqual(expected);
});

test('a relay held active explains an opening at any time', () => {
  const view = closedView();
  view.take([active], 100_000);
  view.take([open], 900_000);
  expect(view.verdictAtMs).toBeUndefined();
});

test('in one reply the order does not matter', () => {
  for (const reply of [
    [open, active],
    [open, active, inactive],
  ]) {
    const view = closedView();
    view.take(reply, 50_000);
    expect(view.verdictAtMs).toBeUndefined();
  }
});

test.each([
  ['just within the grace', FORCED_GRACE_MS - 1, []],
  ['after it', FORCED_GRACE_MS, ['started']],
])('a relay told in a later reply explains the opening: %s', (_name, afterMs, expected) => {
  const view = closedView();
  view.take([open], 50_000);
  const findings = [...view.take([active], 50_000 + afterMs), ...view.take([inactive], 50_500 + afterMs)];
  expect(forced([...findings, ...view.judge(60_000)])).toEqual(expected);
});

test('a gate torn open and shut within the grace was forced all the same', () => {
  const view = closedView();
  view.take([open], 50_000);
  view.take([closed, open, closed], 50_300);
  expect(forced(view.judge(51_000))).toEqual(['started', 'ended']);
  expect(view.isForced).toBe(false);
});

test('what happened while nobody looked is not judged, what follows is', () => {
  const view = closedView();
  view.resume();
  view.take([inactive, open], 50_000);
  expect(view.verdictAtMs).toBeUndefined();
  view.take([closed], 51_000);
  view.take([open], 52_000);
  expect(forced(view.judge(53_000))).toEqual(['started']);
});

test('a gate forced before a restart is told closed after it', () => {
  const view = createView(true);
  expect(forced(view.take([inactive, open], 0))).toEqual([]);
  expect(forced(view.take([closed], 1))).toEqual(['ended']);
});

test('when the controller is gone nothing is known', () => {
  const view = closedView();
  expect(view.forget()).toMatchObject({
    isNews: true,
    sight: { position: 'unknown', relay: 'unknown', contact: 'unknown' },
  });
});
