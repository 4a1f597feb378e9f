import type { EventDraft } from '@dipper/contract/events';
import type { Clock } from '../../link/clock.ts';
import type { ClockOffset } from '../../onvif/device-clock.ts';
import type { CameraState } from '../camera/camera-state.ts';

export type CameraClockState = NonNullable<CameraState['clock']>;

export interface CameraClockOptions {
  readonly device: string;
  readonly place: string;
  readonly report: (draft: EventDraft) => void;
  /** Called when the offset has changed by more than its own uncertainty. */
  readonly onState: (state: CameraClockState) => void;
  readonly clock: Clock;
}

export interface CameraClock {
  /** @param wasSet the edge has set it itself: then it did not step by itself */
  observe(offset: ClockOffset | undefined, wasSet: boolean): void;
  /**
   * The edge's time of something that a camera dates by its own clock: what the camera says, compensated, where it came late;
   * else the time of its arrival, which is more exact than a clock of whole seconds.
   */
  occurredAtMs(toldAtMs: number | undefined): number;
  stats(): {
    readonly offsetMs?: number;
    readonly uncertaintyMs?: number;
    readonly steps: number;
    readonly sets: number;
  };
}

/** Cheap quartz drifts by up to 100 ppm, 30 ms in five minutes; this is somebody's hand, or the camera's own NTP. */
const STEP_MS = 1_000;
/** What is older was not on its way: the camera's date is wrong in another way. */
const MAX_LATE_MS = 5 * 60_000;

/** Keeps a camera's clock in mind: tells its state, notices when it steps, and dates what it tells. */
export function createCameraClock(options: CameraClockOptions): CameraClock {
  const { device, place, clock } = options;
  let latest: ClockOffset | undefined;
  let toldOffset: ClockOffset | undefined;
  /** Device time minus our monotonic time: a step of our own clock is none of the camera's. */
  let againstMonotonicMs: number | undefined;
  let steps = 0;
  let sets = 0;

  return {
    observe(offset, wasSet) {
      if (wasSet) sets += 1;
      if (offset === undefined) return;
      const nowMs = clock.nowMs();
      const found = offset.offsetMs + nowMs - clock.monotonicMs();
      const stepMs = againstMonotonicMs === undefined ? 0 : Math.round(found - againstMonotonicMs);
      const toleranceMs = STEP_MS + offset.uncertaintyMs + (latest?.uncertaintyMs ?? 0);
      if (Math.abs(stepMs) > toleranceMs && !wasSet) {
        steps += 1;
        options.report({
          type: 'clock.stepped',
          device,
          place,
          occurredAtMs: nowMs,
          data: { stepMs, clock: 'camera' },
        });
      }
      againstMonotonicMs = found;
      latest = offset;
      const changedByMs = Math.abs(offset.offsetMs - (toldOffset?.offsetMs ?? Number.POSITIVE_INFINITY));
      if (changedByMs <= offset.uncertaintyMs + (toldOffset?.uncertaintyMs ?? 0)) return;
      toldOffset = offset;
      options.onState({ ...offset, at: new Date(nowMs).toISOString() });
    },
    occurredAtMs(toldAtMs) {
      const nowMs = clock.nowMs();
      if (toldAtMs === undefined || latest === undefined) return nowMs;
      const saidAtMs = toldAtMs - latest.offsetMs;
      const lateMs = nowMs - saidAtMs;
      return lateMs > STEP_MS + latest.uncertaintyMs && lateMs < MAX_LATE_MS ? saidAtMs : nowMs;
    },
    stats: () => ({ ...latest, steps, sets }),
  };
}
