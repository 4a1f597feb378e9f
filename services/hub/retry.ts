import { setTimeout as delay } from 'node:timers/promises';

const FIRST_WAIT_MS = 100;
const LAST_WAIT_MS = 5_000;

/**
 * Tries until it succeeds, waiting longer each time, or until the signal aborts.
 *
 * @param isWorthRetrying errors it says no to are thrown
 * @returns undefined when the signal aborted
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  isWorthRetrying: (error: unknown) => boolean,
  onRetry: (error: unknown, waitMs: number) => void,
  signal: AbortSignal,
): Promise<T | undefined> {
  for (let waitMs = FIRST_WAIT_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LAST_WAIT_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isWorthRetrying(error)) throw error;
      onRetry(error, waitMs);
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
