import { setTimeout as delay } from 'node:timers/promises';
import type { TimelineStep } from '../config/config.ts';
import type { Estate } from './estate.ts';

export interface TimelineOptions {
  readonly steps: readonly TimelineStep[];
  readonly estate: Estate;
  readonly signal: AbortSignal;
  /** A step that failed; the others go on. */
  readonly onError: (step: TimelineStep, error: unknown) => void;
}

/** Lets things go wrong at the times configured, counted from now, until the signal aborts. */
export function startTimeline({ steps, estate, signal, onError }: TimelineOptions): void {
  for (const step of steps) {
    playStep(step, estate, signal).catch((error: unknown) => {
      if (!signal.aborted) onError(step, error);
    });
  }
}

async function playStep(step: TimelineStep, estate: Estate, signal: AbortSignal): Promise<void> {
  await delay(step.atSec * 1_000, undefined, { signal });
  if ('action' in step) {
    if (step.action === 'force') estate.force(step.device);
    else estate.closeBarrier(step.device);
    return;
  }
  await estate.setFault(step.device, step.fault, step.options);
  if (step.forSec === undefined) return;
  await delay(step.forSec * 1_000, undefined, { signal });
  await estate.clearFault(step.device, step.fault);
}
