import { createClockSteps } from '@dipper/edge/agent/camera/clock-steps';
import { SenderSteps } from '@dipper/edge/video/sender-steps';
import { expect, it } from 'vitest';

const HOUR_MS = 3_600_000;

it('a camera whose clock is set is noticed once, also while its stream was away', () => {
  const steps = new SenderSteps();
  steps.opened(0);
  // Stamps of this machine at first, then, with the first sender report, of a camera that is a day off: no step.
  expect(steps.observe(100, 0)).toBeUndefined();
  expect(steps.observe(5_000, 24 * HOUR_MS)).toBeUndefined();
  expect(steps.observe(16_000, 24 * HOUR_MS)).toBeUndefined();
  expect(steps.observe(17_000, 24 * HOUR_MS + 60)).toBeUndefined();
  expect(steps.observe(18_000, 25 * HOUR_MS)).toBe(HOUR_MS - 60);
  expect(steps.observe(19_000, 25 * HOUR_MS)).toBeUndefined();
  steps.opened(20_000);
  expect(steps.observe(21_000, 0)).toBeUndefined();
  expect(steps.observe(36_000, 24 * HOUR_MS)).toBe(-HOUR_MS);
});

it('a step that stream and ONVIF both see is told once', () => {
  let nowMs = 0;
  const { isNews } = createClockSteps({ monotonicMs: () => nowMs });
  expect(isNews(HOUR_MS)).toBe(true);
  nowMs += 300_000;
  expect(isNews(HOUR_MS - 700)).toBe(false);
  // Set forward by an hour once more.
  expect(isNews(HOUR_MS)).toBe(true);
  expect(isNews(-HOUR_MS)).toBe(true);
});
