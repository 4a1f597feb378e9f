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
  /** What was given up to overload. */
  readonly shedding: () => unknown;
  /** How late this process came to its turn since the last call, ms. */
  readonly lateness: () => unknown;
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
  let cancel = (): void => undefined;
  const line = (): void => {
    log.info(
      {
        link: options.link(),
        refusedEvents: options.refusedEvents(),
        liveViews: options.liveViews(),
        recordingsSent: options.recordingsSent(),
        config: options.config(),
        shedding: options.shedding(),
        cameras: options.cameras(),
        inference: options.inference(),
        gateProcess: options.gateProcess(),
        memoryMegabytes: Math.round(process.memoryUsage.rss() / MEGABYTE),
        latenessMs: options.lateness(),
      },
      'status',
    );
    cancel = clock.after(LINE_EVERY_MS, line);
  };
  cancel = clock.after(LINE_EVERY_MS, line);
  signal.addEventListener('abort', () => cancel(), { once: true });
}
