import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { Clock } from '../link/clock.ts';
import type { LinkFigures } from '../link/link.ts';

export interface StatusOptions {
  readonly link: () => LinkFigures;
  /** Events not accepted, by code. */
  readonly refusedEvents: () => Readonly<Record<string, number>>;
  readonly liveViews: () => number;
  /** Playbacks and exports under way. */
  readonly recordingsSent: () => unknown;
  /** Which configuration runs, and whether a newer one was refused. */
  readonly config: () => unknown;
  /** Figures of each camera by its id. */
  readonly cameras: () => Readonly<Record<string, unknown>>;
  /** Of the thread that the models run in; undefined where no faces are captured. */
  readonly inference: () => unknown;
  readonly gateProcess: () => number | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const LINE_EVERY_MS = 60_000;
const MEGABYTE = 1024 * 1024;

/** Logs a line with everything there is to know about the agent's health, once a minute. */
export function logStatus(options: StatusOptions): void {
  const { clock, log, signal } = options;
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let cancel = (): void => undefined;
  const line = (): void => {
    log.info(
      {
        link: options.link(),
        refusedEvents: options.refusedEvents(),
        liveViews: options.liveViews(),
        recordingsSent: options.recordingsSent(),
        config: options.config(),
        cameras: options.cameras(),
        inference: options.inference(),
        gateProcess: options.gateProcess(),
        memoryMegabytes: Math.round(process.memoryUsage.rss() / MEGABYTE),
        eventLoopDelayMs: { p50: round(delay.percentile(50)), p99: round(delay.percentile(99)), max: round(delay.max) },
      },
      'status',
    );
    delay.reset();
    cancel = clock.after(LINE_EVERY_MS, line);
  };
  cancel = clock.after(LINE_EVERY_MS, line);
  signal.addEventListener(
    'abort',
    () => {
      cancel();
      delay.disable();
    },
    { once: true },
  );
}

/** Nanoseconds to whole tenths of a millisecond. */
function round(nanoseconds: number): number {
  return Math.round(nanoseconds / 100_000) / 10;
}
