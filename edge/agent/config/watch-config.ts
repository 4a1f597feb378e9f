import { statSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import type { CameraChanges } from './compare-configs.ts';
import { ConfigInvalidError } from './config-error.ts';
import type { EdgeConfig } from './read-config.ts';

export interface ConfigWatchOptions {
  readonly path: string;
  /** Reads the file anew. @throws ConfigInvalidError */
  readonly read: () => EdgeConfig;
  /** Takes a configuration up whole or not at all. @throws Error with a stable `code` */
  readonly apply: (config: EdgeConfig) => Promise<CameraChanges>;
  /** Told of a configuration that was not taken; the one before it goes on. */
  readonly onRefused: (error: Error & { readonly code: string }) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface ConfigWatch {
  /** Reads the file now, also where it looks unchanged: passwords lie in other files. Resolves when it is done. */
  reload(): Promise<void>;
}

/** Asked for by stat: a watch on an inode misses an editor that replaces the file, and a volume that swaps a link. */
const LOOK_EVERY_MS = 2_000;

/** Takes up a changed configuration while the agent runs; a file that is still being written is left alone until it rests. */
export function watchConfig(options: ConfigWatchOptions): ConfigWatch {
  const { path, clock, log, signal } = options;
  let taken = fingerprintOf(path);
  let seen = taken;
  let queue: Promise<void> = Promise.resolve();
  let cancel = (): void => undefined;

  async function reloadOnce(): Promise<void> {
    if (signal.aborted) return;
    taken = fingerprintOf(path);
    try {
      const changes = await options.apply(options.read());
      log.info({ ...changes }, 'the configuration was read again');
    } catch (error) {
      if (signal.aborted) return;
      const refusal = withCode(error);
      const problems = error instanceof ConfigInvalidError ? error.problems : [refusal.message];
      log.error({ code: refusal.code, problems }, 'the new configuration is refused whole; the old one goes on');
      options.onRefused(refusal);
    }
  }

  function reload(): Promise<void> {
    queue = queue.then(reloadOnce);
    return queue;
  }

  function look(): void {
    const now = fingerprintOf(path);
    const rests = now === seen;
    seen = now;
    if (rests && now !== taken) {
      taken = now;
      void reload();
    }
    cancel = clock.after(LOOK_EVERY_MS, look);
  }

  if (!signal.aborted) cancel = clock.after(LOOK_EVERY_MS, look);
  signal.addEventListener('abort', () => cancel(), { once: true });
  return { reload };
}

/** Changes whenever the file does; a file that is away for a moment, between two renames, is one too. */
function fingerprintOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'away' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}

function withCode(error: unknown): Error & { readonly code: string } {
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'CONFIG_NOT_APPLIED';
  return Object.assign(cause, { code });
}
