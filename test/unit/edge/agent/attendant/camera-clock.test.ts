import type { EventDraft } from '@dipper/contract/events';
import { type CameraClockState, createCameraClock } from '@dipper/edge/agent/attendant/camera-clock';
import { beforeEach, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '../../../../support/manual-clock.ts';

const HOUR_MS = 3_600_000;
let clock: ManualClock;
let told: EventDraft[];
let states: CameraClockState[];
let camera: ReturnType<typeof createCameraClock>;

beforeEach(() => {
  clock = createManualClock();
  told = [];
  states = [];
  camera = createCameraClock({
    ...{ device: 'camera', place: 'gate', clock },
    report: (draft) => told.push(draft),
    onState: (state) => states.push(state),
  });
});
const observe = (offsetMs: number, wasSet = false) => camera.observe({ offsetMs, uncertaintyMs: 500 }, wasSet);

test('an offset is told once, not each time it is measured a little differently', () => {
  observe(HOUR_MS);
  observe(HOUR_MS + 400);
  observe(HOUR_MS - 400);
  expect(states).toEqual([{ offsetMs: HOUR_MS, uncertaintyMs: 500, at: new Date(clock.nowMs()).toISOString() }]);
  expect(told).toEqual([]);
});

test('a step is told, with its size; drift, a clock that we set, and a step of our own clock are none', () => {
  observe(0);
  clock.advance(300_000);
  observe(30);
  clock.advance(300_000);
  observe(HOUR_MS);
  expect(told).toMatchObject([{ type: 'clock.stepped', data: { stepMs: HOUR_MS - 30, clock: 'camera' } }]);
  observe(0, true);
  clock.setWall(clock.nowMs() + HOUR_MS);
  observe(-HOUR_MS);
  expect(told).toHaveLength(1);
  expect(camera.stats()).toMatchObject({ steps: 1, sets: 1, offsetMs: -HOUR_MS });
});

test('what comes late is dated by the camera, compensated; what comes at once by its arrival', () => {
  expect(camera.occurredAtMs(clock.nowMs() + HOUR_MS)).toBe(clock.nowMs());
  observe(HOUR_MS);
  expect(camera.occurredAtMs(clock.nowMs() + HOUR_MS - 700)).toBe(clock.nowMs());
  expect(camera.occurredAtMs(clock.nowMs() + HOUR_MS - 20_000)).toBe(clock.nowMs() - 20_000);
  expect(camera.occurredAtMs(0)).toBe(clock.nowMs());
  expect(camera.occurredAtMs(undefined)).toBe(clock.nowMs());
});
