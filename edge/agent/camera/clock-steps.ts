import type { Clock } from '../../link/clock.ts';

/** Remembers the steps of a camera's clock that were told, since two tell of the same one: its stream and its ONVIF service. */
export interface ClockSteps {
  /** @returns whether nobody else has told of this step */
  isNews(stepMs: number): boolean;
}

/** ONVIF is asked for the time every few minutes. */
const SAME_WITHIN_MS = 15 * 60_000;
/** ONVIF tells whole seconds. */
const SAME_STEP_MS = 2_500;

export function createClockSteps(clock: Pick<Clock, 'monotonicMs'>): ClockSteps {
  let told: { readonly stepMs: number; readonly atMs: number }[] = [];
  return {
    isNews(stepMs) {
      const atMs = clock.monotonicMs();
      told = told.filter((step) => atMs - step.atMs < SAME_WITHIN_MS);
      const same = told.find((step) => Math.abs(step.stepMs - stepMs) <= SAME_STEP_MS);
      told = same === undefined ? [...told, { stepMs, atMs }] : told.filter((step) => step !== same);
      return same === undefined;
    },
  };
}
