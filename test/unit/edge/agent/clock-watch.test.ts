import type { EventDraft } from '@dipper/contract/events';
import { watchClock } from '@dipper/edge/agent/clock-watch';
import { expect, test } from 'vitest';
import { createManualClock } from '../../../support/manual-clock.ts';

test('a clock that is set is reported once, with how far and which way; one that runs on is not', () => {
  const clock = createManualClock();
  const owner = new AbortController();
  const reports: EventDraft[] = [];
  watchClock(clock, (draft) => reports.push(draft), owner.signal);
  clock.advance(60_000);
  expect(reports).toEqual([]);
  clock.setWall(clock.nowMs() - 3_600_000);
  clock.advance(60_000);
  clock.setWall(clock.nowMs() + 500);
  clock.advance(60_000);
  expect(reports).toEqual([
    expect.objectContaining({ type: 'clock.stepped', data: { stepMs: -3_600_000, clock: 'edge' } }),
  ]);
  owner.abort();
  clock.setWall(0);
  clock.advance(60_000);
  expect(reports).toHaveLength(1);
});
