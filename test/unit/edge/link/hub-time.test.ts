import { parseEvent } from '@dipper/contract/event-validation';
import { createHubTime, type HubTime } from '@dipper/edge/link/hub-time';
import { expect, test } from 'vitest';
import { gateDraft } from '../../../support/drafts.ts';
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts';
import { ORIGIN, openTestOutbox } from '../../../support/open-outbox.ts';

const HOUR_MS = 3_600_000;

/** A receipt that took 40 ms there and back, from a hub whose clock differs by so much. */
function exchange(clock: ManualClock, hubTime: HubTime, hubMinusEdgeMs: number, tookMs = 40): void {
  const sentAtMs = clock.monotonicMs();
  clock.advance(tookMs / 2);
  const issuedAtMs = clock.nowMs() + hubMinusEdgeMs;
  clock.advance(tookMs / 2);
  hubTime.observe({ sentAtMs, receivedAtMs: clock.monotonicMs(), issuedAtMs });
}

test('an edge an hour slow is corrected once two exchanges agree', () => {
  const clock = createManualClock();
  const hubTime = createHubTime(clock);
  const happenedMs = clock.nowMs();
  expect(hubTime.correct(happenedMs)).toBe(happenedMs);
  exchange(clock, hubTime, HOUR_MS);
  expect(hubTime.correct(happenedMs)).toBe(happenedMs);
  expect(hubTime.offsetMs()).toBeCloseTo(-HOUR_MS, -2);
  exchange(clock, hubTime, HOUR_MS);
  expect(hubTime.correct(happenedMs)).toBe(happenedMs + HOUR_MS);
});

test('a difference that the network can explain is left alone', () => {
  const clock = createManualClock();
  const hubTime = createHubTime(clock);
  for (let i = 0; i < 3; i += 1) exchange(clock, hubTime, 900);
  expect(hubTime.correct(clock.nowMs())).toBe(clock.nowMs());
});

test('a slow exchange, a hub of 1970 and a receipt before its batch teach nothing', () => {
  const clock = createManualClock();
  const hubTime = createHubTime(clock);
  for (let i = 0; i < 2; i += 1) exchange(clock, hubTime, HOUR_MS, 11_000);
  for (let i = 0; i < 2; i += 1) exchange(clock, hubTime, -clock.nowMs());
  hubTime.observe({ sentAtMs: 10, receivedAtMs: 5, issuedAtMs: clock.nowMs() });
  hubTime.observe({ sentAtMs: 1, receivedAtMs: 5, issuedAtMs: Number.NaN });
  expect(hubTime.offsetMs()).toBeUndefined();
  expect(hubTime.now()).toMatchObject({ known: false });
});

test('setting the edge clock changes the offset, not what is known of the hub', () => {
  const clock = createManualClock();
  const hubTime = createHubTime(clock);
  for (let i = 0; i < 2; i += 1) exchange(clock, hubTime, HOUR_MS);
  const hubMs = hubTime.now().atMs;
  clock.setWall(hubMs);
  expect(hubTime.now().atMs).toBe(hubMs);
  expect(hubTime.offsetMs()).toBe(0);
  expect(hubTime.correct(clock.nowMs() - 500)).toBe(hubMs - 500);
});

test('what disagrees with the newest exchange is forgotten, so a hub set right is believed at its second word', () => {
  const clock = createManualClock();
  const hubTime = createHubTime(clock);
  for (let i = 0; i < 4; i += 1) exchange(clock, hubTime, HOUR_MS);
  exchange(clock, hubTime, 0);
  expect(hubTime.correct(clock.nowMs())).toBe(clock.nowMs());
  expect(hubTime.offsetMs()).toBeCloseTo(0, -2);
});

test('nothing is in the future and nothing older than a day; the raw time is kept beside', () => {
  const clock = createManualClock();
  const outbox = openTestOutbox({ clock, hubTime: createHubTime(clock) });
  const nowMs = clock.nowMs();
  for (const occurredAtMs of [nowMs - 1_000, nowMs + 60_000, 0]) outbox.append(gateDraft(occurredAtMs));
  const events = outbox.takeBatch({ maxEvents: 10, maxBytes: 100_000 })?.events ?? [];
  const times = events
    .map(({ json }) => parseEvent(JSON.parse(json), ORIGIN))
    .map(({ time, rawtime }) => [time, rawtime]);
  const iso = (ms: number): string => new Date(ms).toISOString();
  expect(times).toEqual([
    [iso(nowMs - 1_000), undefined],
    [iso(nowMs), iso(nowMs + 60_000)],
    [iso(nowMs - 24 * HOUR_MS), iso(0)],
  ]);
});
