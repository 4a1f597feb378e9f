import type { EventDraft } from '@dipper/contract/events';
import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import type { WatchReport } from '../../onvif/device-watch.ts';
import type { WatchThread } from '../../onvif/watch-thread.ts';
import type { CameraConfig } from '../config/read-config.ts';
import { type CameraClockState, createCameraClock } from './camera-clock.ts';
import { type CameraEventStats, createCameraEvents } from './camera-events.ts';

export interface AttendantOptions {
  readonly camera: Pick<CameraConfig, 'id' | 'place' | 'onvif' | 'events' | 'clock' | 'quirks'>;
  readonly thread: WatchThread;
  readonly report: (draft: EventDraft) => void;
  /** The camera says that something moves, again and again while it does. */
  readonly onMotion?: (atMs: number) => void;
  readonly onClock: (state: CameraClockState) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Between two looks at the camera's clock. Default 300,000. */
  readonly clockIntervalMs?: number;
}

export interface AttendantStats {
  readonly subscription: 'off' | 'starting' | 'following' | 'lost' | 'none';
  /** How often the subscription was lost since the start, and why the last time. */
  readonly losses: number;
  readonly cause?: string;
  readonly events: CameraEventStats;
  readonly clock: {
    readonly offsetMs?: number;
    readonly uncertaintyMs?: number;
    readonly steps: number;
    readonly sets: number;
  };
}

export interface Attendant {
  stats(): AttendantStats;
  /** Resolves when the signal has ended it and the camera was told goodbye. Never rejects. */
  readonly done: Promise<void>;
}

const CLOCK_INTERVAL_MS = 5 * 60_000;

/** Sees to what a camera tells beside its pictures: its events and its clock. */
export function startAttendant(options: AttendantOptions): Attendant {
  const { camera, thread, report, clock, signal } = options;
  const log = options.log.child({ device: camera.id });
  const about = { device: camera.id, place: camera.place };
  const cameraClock = createCameraClock({ ...about, report, clock, onState: options.onClock });
  const { occurredAtMs } = cameraClock;
  const events = createCameraEvents({ ...about, report, onMotion: options.onMotion, occurredAtMs, clock, signal });
  let subscription: AttendantStats['subscription'] = camera.events ? 'starting' : 'off';
  let losses = 0;
  let cause: string | undefined;

  function onSubscription({ state, code, message }: Extract<WatchReport, { kind: 'subscription' }>): void {
    if (state === 'lost') losses += 1;
    // A device that stays away is told of once; its streams tell of it as well.
    const isNews = state !== subscription || code !== cause;
    subscription = state;
    cause = code;
    if (!isNews) return;
    if (state === 'lost') log.warn({ cause: code, reason: message }, "the camera's events are not followed");
    else log.info({ state }, "the camera's events");
  }

  function onReport(said: WatchReport): void {
    if (signal.aborted) return;
    switch (said.kind) {
      case 'clock':
        if (said.wasSet) log.info({ offsetMs: said.offset?.offsetMs }, "the camera's clock was set");
        cameraClock.observe(said.offset, said.wasSet);
        break;
      case 'events':
        events.hear(said.notifications);
        break;
      case 'subscription':
        onSubscription(said);
    }
  }

  const { onvif } = camera;
  const credentials =
    onvif.username === undefined ? undefined : { username: onvif.username, password: onvif.password ?? '' };
  const device = {
    ...{ url: onvif.url, credentials, allowedHosts: [], quirks: camera.quirks },
    ...{ isHeard: camera.events, isClockSet: camera.clock === 'set' },
    ...{ clockIntervalMs: options.clockIntervalMs ?? CLOCK_INTERVAL_MS },
  };
  return {
    stats: () => ({
      ...{ subscription, losses, events: events.stats(), clock: cameraClock.stats() },
      ...(cause !== undefined && { cause }),
    }),
    done: thread.watch(device, onReport, signal),
  };
}
