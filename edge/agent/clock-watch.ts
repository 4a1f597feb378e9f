import type { EventDraft } from '@dipper/contract/events';
import type { Clock } from '../link/clock.ts';

const LOOK_EVERY_MS = 10_000;
/** NTP corrects a running clock by at most 500 ppm (RFC 5905 §11.3), 5 ms between two looks; this is somebody's hand. */
const STEP_MS = 1_000;

/** Reports when the machine's clock is set while the agent runs. */
export function watchClock(clock: Clock, report: (draft: EventDraft) => void, signal: AbortSignal): void {
  let before = clock.nowMs() - clock.monotonicMs();
  let cancel = (): void => undefined;
  const look = (): void => {
    const now = clock.nowMs() - clock.monotonicMs();
    const stepMs = Math.round(now - before);
    before = now;
    if (Math.abs(stepMs) >= STEP_MS) {
      report({ type: 'clock.stepped', occurredAtMs: clock.nowMs(), data: { stepMs, clock: 'edge' } });
    }
    cancel = clock.after(LOOK_EVERY_MS, look);
  };
  if (signal.aborted) return;
  cancel = clock.after(LOOK_EVERY_MS, look);
  signal.addEventListener('abort', () => cancel(), { once: true });
}
